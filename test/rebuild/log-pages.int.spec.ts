import { describe, expect, it } from 'vitest';
import type { EventStore, StoredEvent } from '../../src/eventstore/index.ts';
import { endOfLog, type LogPage, type ReadLog, readLog } from '../../src/rebuild/log-pages.ts';
import { countedEvents, devstoreForTest, openForTest, range, uniqueStream } from '../eventstore/support.ts';

const PAGE = 4;
const NEVER = new AbortController().signal;

/** A store of its own with so many events, in two streams by turns. */
const storeWith = async (events: number): Promise<EventStore> => {
  const store = openForTest((await devstoreForTest()).url);
  const streams = [uniqueStream(), uniqueStream()];
  for (const number of range(0, events)) {
    const stream = streams[number % 2] ?? uniqueStream();
    const expected = number < 2 ? 'no_stream' : BigInt(Math.floor(number / 2) - 1);
    await store.append(stream, expected, countedEvents(stream, `c${number}`, number));
  }
  return store;
};

const positionsOf = async (store: EventStore): Promise<readonly bigint[]> =>
  (await store.readAllPage()).map(({ position }) => position);

const collect = async (
  log: Pick<EventStore, 'readAllPage'>,
  options: Partial<ReadLog>,
): Promise<readonly LogPage[]> => {
  const whole = { after: -1n, until: 2n ** 62n, signal: NEVER, pageMaxEvents: PAGE };
  const pages: LogPage[] = [];
  for await (const page of readLog(log, { ...whole, ...options })) pages.push(page);
  return pages;
};

const eventsOf = (pages: readonly LogPage[]): readonly bigint[] =>
  pages.flatMap(({ events }) => events.map(({ position }) => position));

/** A server that has lost an event. */
const without = (store: EventStore, lost: bigint): Pick<EventStore, 'readAllPage'> => ({
  readAllPage: async (page) =>
    (await store.readAllPage(page)).filter((event: StoredEvent) => event.position !== lost),
});

describe('Reading the log in pages', () => {
  it('yields every event once, in pages that lead on from one another', async () => {
    const store = await storeWith(11);
    const all = await positionsOf(store);
    for (const pageMaxEvents of [2, 3, PAGE, 10, 11, 12, 4_096]) {
      const pages = await collect(store, { pageMaxEvents });
      expect(eventsOf(pages)).toEqual(all);
      expect(pages.map(({ after }) => after)).toEqual([
        -1n,
        ...pages.slice(0, -1).map(({ position }) => position),
      ]);
      expect(pages.every(({ events, position }) => events.at(-1)?.position === position)).toBe(true);
    }
  });

  it('yields what is between any two positions, and nothing beyond', async () => {
    const store = await storeWith(10);
    const all = await positionsOf(store);
    for (const [from, after] of [-1n, ...all].entries()) {
      for (const [to, until] of all.entries()) {
        const expected = all.slice(from, to + 1);
        expect(eventsOf(await collect(store, { after, until }))).toEqual(expected);
      }
    }
  });

  it('ends at the last event before a position that no event has', async () => {
    const store = await storeWith(6);
    const [first = 0n, second = 0n] = await positionsOf(store);
    expect(eventsOf(await collect(store, { until: second - 1n }))).toEqual([first]);
    expect(eventsOf(await collect(store, { until: -1n }))).toEqual([]);
  });

  it('yields nothing of an empty log, whose end is before its start', async () => {
    const store = await storeWith(0);
    expect(await collect(store, {})).toEqual([]);
    expect(await endOfLog(store)).toBe(-1n);
  });

  it('knows the position of the last event', async () => {
    const store = await storeWith(3);
    expect(await endOfLog(store)).toBe((await positionsOf(store)).at(-1));
  });

  it('refuses a log that lacks the event which was read last', async () => {
    const store = await storeWith(9);
    const all = await positionsOf(store);
    const end = all.at(-1) ?? 0n;
    const gap = (found: string) =>
      expect.objectContaining({ code: 'log_has_a_gap', message: expect.stringContaining(found) });
    for (const after of [end + 1n, end + 1_000n]) {
      await expect(collect(store, { after })).rejects.toEqual(gap('the log ends before it'));
      await expect(collect(store, { after, until: 0n })).rejects.toEqual(gap('It was replaced'));
    }
    const [, , , fourth = 0n, fifth] = all;
    const torn = without(store, fourth);
    await expect(collect(torn, { after: fourth })).rejects.toEqual(gap(`the next event is at ${fifth}`));
  });

  it('refuses a log whose page does not lead on from the one before', async () => {
    const store = await storeWith(9);
    const [, , , fourth = 0n] = await positionsOf(store);
    let reads = 0;
    const torn: Pick<EventStore, 'readAllPage'> = {
      readAllPage: (page) => {
        reads += 1;
        return (reads === 1 ? store : without(store, fourth)).readAllPage(page);
      },
    };
    await expect(collect(torn, {})).rejects.toMatchObject({ name: 'RebuildError', code: 'log_has_a_gap' });
  });

  it('reads the next page while one is at work, and no further', async () => {
    const store = await storeWith(12);
    const asked: unknown[] = [];
    const watched: Pick<EventStore, 'readAllPage'> = {
      readAllPage: (page) => {
        asked.push(page?.from);
        return store.readAllPage(page);
      },
    };
    const all = await positionsOf(store);
    const pages = readLog(watched, { after: -1n, until: 2n ** 62n, signal: NEVER, pageMaxEvents: PAGE });
    await pages.next();
    expect(asked).toEqual(['start', all[3]]);
    await pages.next();
    expect(asked).toEqual(['start', all[3], all[6]]);
    await pages.return();
    expect(asked).toHaveLength(3);
  });

  it('ends with the reason of its signal, also while it waits for a page', async () => {
    const store = await storeWith(9);
    const reason = new Error('enough');
    await expect(collect(store, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

    const stop = new AbortController();
    const pages = readLog(store, { after: -1n, until: 2n ** 62n, signal: stop.signal, pageMaxEvents: PAGE });
    await pages.next();
    stop.abort(reason);
    await expect(pages.next()).rejects.toBe(reason);

    const silent: Pick<EventStore, 'readAllPage'> = { readAllPage: () => new Promise(() => undefined) };
    const late = new AbortController();
    const waiting = collect(silent, { signal: late.signal });
    late.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('says so when the store has gone', async () => {
    const devstore = await devstoreForTest();
    const store = openForTest(devstore.url, { readTimeoutMs: 200, connectTimeoutMs: 200 });
    await store.ping();
    await devstore.kill('SIGKILL');
    await expect(collect(store, {})).rejects.toMatchObject({ name: 'EventStoreError' });
  });

  it('needs room for more than the event it begins with', async () => {
    const store = await storeWith(1);
    await expect(collect(store, { pageMaxEvents: 1 })).rejects.toThrow(RangeError);
  });
});
