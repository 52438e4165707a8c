/**
 * The wrapper against a real server, while nothing goes wrong.
 */
import { BACKWARDS, binaryEvent, END, jsonEvent } from '@eventstore/db-client';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type EventStore,
  encodeEvents,
  openEventStore,
  type StoredEvent,
} from '../../src/eventstore/index.ts';
import { useEventstore } from '../support/eventstore.ts';
import {
  codec,
  contextOf,
  countedEvents,
  fromClient,
  numberOf,
  openForTest,
  range,
  readNumbers,
  uniqueStream,
} from './support.ts';

const server = useEventstore();
let store: EventStore;

const open = (): EventStore => {
  store = openForTest(server.url);
  return store;
};

describe('Appending', () => {
  it('answers with the revision and the position of the last event', async () => {
    const stream = uniqueStream();
    const outcome = await open().append(stream, 'no_stream', countedEvents(stream, 'c', 1, 2, 3));
    const last = await store.lastEvent(stream);
    expect(outcome).toEqual({ kind: 'appended', revision: 2n, position: last?.position });
    expect(await readNumbers(store, stream)).toEqual([1, 2, 3]);
  });

  it('to a stream at another revision writes nothing and tells the actual one', async () => {
    const stream = uniqueStream();
    await open().append(stream, 'no_stream', countedEvents(stream, 'first', 1, 2));
    const late = await store.append(stream, 'no_stream', countedEvents(stream, 'second', 3));
    const early = await store.append(stream, 7n, countedEvents(stream, 'third', 4));
    expect(late).toEqual({ kind: 'wrong-expected-revision', actual: 1n });
    expect(early).toEqual({ kind: 'wrong-expected-revision', actual: 1n });
    expect(await readNumbers(store, stream)).toEqual([1, 2]);
  });

  it('to a missing stream at a revision tells that there is none', async () => {
    const stream = uniqueStream();
    const outcome = await open().append(stream, 0n, countedEvents(stream, 'c', 1));
    expect(outcome).toEqual({ kind: 'wrong-expected-revision', actual: 'no_stream' });
  });

  it('the same events again has the same answer and no effect', async () => {
    const stream = uniqueStream();
    await open().append(stream, 'no_stream', countedEvents(stream, 'before', 0));
    const first = await store.append(stream, 0n, countedEvents(stream, 'c', 1, 2));
    await store.append(stream, 2n, countedEvents(stream, 'after', 3));
    const second = await store.append(stream, 0n, countedEvents(stream, 'c', 1, 2));
    expect(second).toEqual(first);
    expect(await readNumbers(store, stream)).toEqual([0, 1, 2, 3]);
  });

  it('more than our own bound is refused before it is sent', async () => {
    const stream = uniqueStream();
    const events = encodeEvents(
      codec,
      stream,
      [{ type: 'Counted', data: { number: 1, pad: 'x'.repeat(2 ** 20) } }],
      contextOf('c'),
    );
    await expect(open().append(stream, 'no_stream', events)).rejects.toMatchObject({
      kind: 'too-large',
      mayBeWritten: false,
    });
  });

  it('more than the server allows is refused by it as too large', async () => {
    const stream = uniqueStream();
    const events = encodeEvents(
      codec,
      stream,
      [{ type: 'Counted', data: { number: 1, pad: 'x'.repeat(2 ** 20) } }],
      contextOf('c'),
    );
    const generous = openForTest(server.url, { appendMaxBytes: 2 ** 30 });
    await expect(generous.append(stream, 'no_stream', events)).rejects.toMatchObject({
      kind: 'too-large',
      mayBeWritten: false,
    });
    expect(await generous.readPage(stream)).toEqual({ kind: 'no-stream' });
  });

  it('to a tombstoned stream is refused as deleted', async () => {
    const stream = uniqueStream();
    await open().append(stream, 'no_stream', countedEvents(stream, 'c', 1));
    await server.client.tombstoneStream(stream);
    await expect(store.append(stream, 0n, countedEvents(stream, 'd', 2))).rejects.toMatchObject({
      kind: 'stream-deleted',
      mayBeWritten: false,
    });
  });

  it('thousands at once neither loses nor repeats one', async () => {
    store = openForTest(server.url, { appendTimeoutMs: 50_000 });
    const streams = range(0, 50).map(() => uniqueStream());
    await Promise.all(
      streams.flatMap((stream) => {
        const first = store.append(stream, 'no_stream', countedEvents(stream, 'c0', 0));
        return range(0, 60).map(async (number) => {
          await first;
          return store.append(stream, 0n, countedEvents(stream, `c${number}`, number));
        });
      }),
    );
    for (const stream of streams) expect(await readNumbers(store, stream)).toHaveLength(2);
  });
});

describe('Reading', () => {
  let stream = uniqueStream();
  beforeAll(() => {
    stream = uniqueStream();
  });

  it('answers events as the client itself does, whoever wrote them', async () => {
    const { client } = server;
    const foreign = uniqueStream('Foreign');
    await client.appendToStream(foreign, [
      jsonEvent({ type: 'ß∂ƒ', data: { text: 'déjà vu 座席' }, metadata: { of: ['somebody', null] } }),
      jsonEvent({ type: 'JustText', data: 'text' }),
      binaryEvent({ type: 'Bytes', data: Buffer.of(0, 255, 1), metadata: Buffer.of(9, 0) }),
    ]);
    await client.setStreamMetadata(foreign, { maxAge: 1_000 });
    await client.tombstoneStream(foreign);
    const own = await open().readAllPage({ direction: 'backwards', maxCount: 50 });
    const theirs: StoredEvent[] = [];
    const last = { direction: BACKWARDS, fromPosition: END, maxCount: 50 } as const;
    for await (const resolved of client.readAll(last)) {
      const event = fromClient(resolved);
      if (event !== undefined) theirs.push(event);
    }
    expect(own.map(({ type }) => type)).toEqual(expect.arrayContaining(['JustText', '$streamDeleted']));
    expect(own).toEqual(theirs);
  });

  it('goes in pages through a stream, both ways, from any revision', async () => {
    await open().append(stream, 'no_stream', countedEvents(stream, 'c', ...range(0, 25)));
    const forwards: number[][] = [];
    for await (const page of store.read(stream, 3n, 10)) forwards.push(page.map(numberOf));
    expect(forwards).toEqual([range(3, 13), range(13, 23), range(23, 25)]);
    const backwards: number[][] = [];
    for await (const page of store.readBackwards(stream, undefined, 10)) backwards.push(page.map(numberOf));
    expect(backwards).toEqual([range(15, 25).reverse(), range(5, 15).reverse(), range(0, 5).reverse()]);
    const exactly: number[][] = [];
    for await (const page of store.readBackwards(stream, 9n, 5)) exactly.push(page.map(numberOf));
    expect(exactly).toEqual([range(5, 10).reverse(), range(0, 5).reverse()]);
  });

  it('gives the last event, and nothing for a missing stream', async () => {
    expect((await open().lastEvent(stream))?.revision).toBe(24n);
    const missing = uniqueStream();
    expect(await store.lastEvent(missing)).toBeUndefined();
    expect(await store.readPage(missing)).toEqual({ kind: 'no-stream' });
    expect(await readNumbers(store, missing)).toEqual([]);
  });

  it('beyond the end of a stream gives no events', async () => {
    expect(await open().readPage(stream, { from: 25n })).toEqual({ kind: 'events', events: [] });
  });

  it('of all streams backwards begins with what was appended last', async () => {
    const fresh = uniqueStream();
    const outcome = await open().append(fresh, 'no_stream', countedEvents(fresh, 'c', 1));
    const [last] = await store.readAllPage({ direction: 'backwards', maxCount: 1 });
    expect(last).toMatchObject({ stream: fresh, revision: 0n });
    expect(outcome).toMatchObject({ position: last?.position });
  });

  it('a hundred and fifty pages at once neither hangs nor fails', async () => {
    open();
    const pages = await Promise.all(range(0, 150).map(() => store.readPage(stream, { maxCount: 5 })));
    expect(pages.every((page) => page.kind === 'events' && page.events.length === 5)).toBe(true);
  });

  it('an event whose data is not what its type says names the place', async () => {
    const broken = uniqueStream();
    const { jsonEvent } = await import('@eventstore/db-client');
    const metadata = { $correlationId: 'a', $causationId: 'b', schemaVersion: 1, actor: 'test' };
    await server.client.appendToStream(broken, [
      jsonEvent({ type: 'Counted', data: { number: 1 }, metadata }),
      jsonEvent({ type: 'Counted', data: { number: 'two' }, metadata }),
    ]);
    await expect(readNumbers(open(), broken)).rejects.toMatchObject({
      name: 'CorruptEventError',
      kind: 'corrupt',
      stream: broken,
      revision: 1n,
      type: 'Counted',
      issues: [expect.stringContaining('data.number')],
    });
  });
});

describe('A process', () => {
  it('has one open event store at a time', () => {
    open();
    expect(() => openEventStore({ connectionString: server.url })).toThrow('pass that one on');
  });

  it('is told at once when the connection string is wrong', () => {
    expect(() => openEventStore({ connectionString: 'http://nowhere' })).toThrow();
    open();
  });

  it('that has closed its event store is told so by every call', async () => {
    open();
    await store.close();
    await expect(store.lastEvent(uniqueStream())).rejects.toMatchObject({ kind: 'closed' });
  });
});
