/**
 * Reading one stream: both directions, every kind of start, limits, and what is not there.
 */
import {
  BACKWARDS,
  END,
  FORWARDS,
  NO_STREAM,
  START,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  eventOf,
  failureOf,
  numberedEvents,
  numbersOf,
  positionOf,
  range,
  readWhole,
  revisionsOf,
  uniqueName,
} from '../support/streams.ts';

const LENGTH = 1_000;
const store = useEventstore();

describe('Reading a stream', () => {
  const stream = uniqueName();
  const read = async (options: Parameters<typeof readWhole>[2]): Promise<number[]> =>
    numbersOf(await readWhole(store.client, stream, options));

  beforeAll(async () => {
    await store.client.appendToStream(stream, numberedEvents(LENGTH), { expectedRevision: NO_STREAM });
  });

  it('forwards gives every event once and in order', async () => {
    expect(await read({ direction: FORWARDS })).toEqual(range(0, LENGTH));
  });

  it('backwards from the end gives every event once and in reverse order', async () => {
    expect(await read({ direction: BACKWARDS, fromRevision: END })).toEqual(range(0, LENGTH).reverse());
  });

  it('from a revision includes that revision in both directions', async () => {
    expect(await read({ fromRevision: 990n })).toEqual(range(990, LENGTH));
    expect(await read({ direction: BACKWARDS, fromRevision: 3n })).toEqual([3, 2, 1, 0]);
  });

  it('stops after the asked number of events', async () => {
    expect(await read({ maxCount: 7 })).toEqual(range(0, 7));
    expect(await read({ maxCount: 500, fromRevision: 100n })).toEqual(range(100, 600));
    expect(await read({ maxCount: 2, direction: BACKWARDS, fromRevision: END })).toEqual([999, 998]);
    expect(await read({ maxCount: 3n, direction: BACKWARDS, fromRevision: 500n })).toEqual([500, 499, 498]);
  });

  it('with a limit of no events gives none', async () => {
    expect(await read({ maxCount: 0 })).toEqual([]);
  });

  it('forwards from the end or from beyond it gives nothing and does not fail', async () => {
    expect(await read({ fromRevision: END })).toEqual([]);
    expect(await read({ fromRevision: BigInt(LENGTH) })).toEqual([]);
  });

  it('backwards from the start gives the first event alone', async () => {
    expect(await read({ direction: BACKWARDS, fromRevision: START })).toEqual([0]);
  });

  it('backwards from beyond the end starts with the last event', async () => {
    expect(await read({ direction: BACKWARDS, fromRevision: 5_000n, maxCount: 2 })).toEqual([999, 998]);
  });

  it('gives each event its position, rising with the revision', async () => {
    const positions = (await readWhole(store.client, stream)).map(
      (entry) => positionOf(eventOf(entry)).commit,
    );
    expect(positions.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(positions);
    expect(new Set(positions).size).toBe(LENGTH);
  });

  it('gives the time at which each event was stored', async () => {
    const own = uniqueName();
    const before = Date.now();
    await store.client.appendToStream(own, numberedEvents(1));
    const after = Date.now();
    const [entry] = await readWhole(store.client, own);
    const created = entry?.event?.created.getTime();
    const clockSkewMs = process.env['SEATLOG_TEST_EVENTSTORE_URL'] ? 60_000 : 0;
    expect(created).toBeGreaterThanOrEqual(before - clockSkewMs);
    expect(created).toBeLessThanOrEqual(after + clockSkewMs);
  });

  it('can be cancelled half way and leaves the connection usable', async () => {
    for (let round = 0; round < 120; round += 1) {
      const reading = store.client.readStream(stream);
      for await (const entry of reading) {
        expect(entry.event?.revision).toBe(0n);
        break;
      }
      await reading.cancel();
    }
    expect(revisionsOf(await readWhole(store.client, stream, { maxCount: 1 }))).toEqual([0n]);
  });

  it('by many readers at once gives each of them everything', async () => {
    const reads = await Promise.all(range(0, 20).map(() => read({})));
    expect(reads.every((numbers) => numbers.length === LENGTH)).toBe(true);
  });
});

describe('Reading what is not there', () => {
  it('fails with StreamNotFoundError for a stream that never was, in both directions', async () => {
    const stream = uniqueName();
    for (const direction of [FORWARDS, BACKWARDS] as const) {
      const error = await failureOf(readWhole(store.client, stream, { direction }));
      expect(error).toBeInstanceOf(StreamNotFoundError);
      expect(error).toMatchObject({ streamName: stream });
    }
  });

  it('fails with StreamNotFoundError for a stream that only has metadata', async () => {
    const stream = uniqueName();
    await store.client.setStreamMetadata(stream, { owner: 'nobody' });
    expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamNotFoundError);
  });

  it('fails with StreamDeletedError for a tombstoned stream', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    await store.client.tombstoneStream(stream);
    const error = await failureOf(readWhole(store.client, stream));
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
  });
});
