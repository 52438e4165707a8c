/**
 * The engine's own wrapper against the same server as the bare client: what one of them writes the other reads, so
 * that neither the wrapper nor the server can drift into a dialect of its own.
 */
import { jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  createCodec,
  defineEvent,
  type EncodedEvent,
  type EventStore,
  encodeEvents,
  openEventStore,
  type StoredEvent,
  type StreamName,
  streamName,
} from '../../src/eventstore/index.ts';
import { useEventstore } from '../support/eventstore.ts';
import { eventOf, numberedEvents, positionOf, range, readWhole, uniqueId } from '../support/streams.ts';

const server = useEventstore();
const schema = z.object({ number: z.number() });
const codec = createCodec([defineEvent({ type: 'Numbered', version: 1, schema })]);
const context = { correlationId: 'correlation-1', causationId: 'causation-1', actor: 'contract' };

function wrapper(): EventStore {
  const store = openEventStore({ connectionString: server.url });
  onTestFinished(() => store.close());
  return store;
}

const newStream = (): StreamName => streamName('Wrapped', uniqueId());

function encoded(stream: StreamName, ...numbers: number[]): EncodedEvent[] {
  const events = numbers.map((number) => ({ type: 'Numbered' as const, data: { number } }));
  return encodeEvents(codec, stream, events, { ...context, causationId: `causation-${numbers[0]}` });
}

const numberIn = (stored: StoredEvent): unknown => schema.parse(stored.data).number;

async function readThrough(store: EventStore, stream: StreamName): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of store.read(stream)) events.push(...page);
  return events;
}

describe('What the wrapper appends', () => {
  it('is read by the bare client with the same revisions, positions and correlation', async () => {
    const stream = newStream();
    const outcome = await wrapper().append(stream, 'no_stream', encoded(stream, 1, 2, 3));
    const events = (await readWhole(server.client, stream)).map(eventOf);
    expect(events.map((event) => event.data)).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    const last = events.at(-1);
    expect(outcome).toEqual({
      kind: 'appended',
      revision: last?.revision,
      position: positionOf(last ?? {}).commit,
    });
    expect(last?.metadata).toMatchObject({ $correlationId: 'correlation-1', $causationId: 'causation-1' });
  });

  it('has one effect when it is sent again', async () => {
    const stream = newStream();
    const store = wrapper();
    const first = await store.append(stream, 'no_stream', encoded(stream, 1, 2));
    expect(await store.append(stream, 'no_stream', encoded(stream, 1, 2))).toEqual(first);
    expect(await readWhole(server.client, stream)).toHaveLength(2);
  });

  it('is refused with the current revision when the bare client was faster', async () => {
    const stream = newStream();
    await server.client.appendToStream(stream, numberedEvents(4), { expectedRevision: NO_STREAM });
    const outcome = await wrapper().append(stream, 'no_stream', encoded(stream, 9));
    expect(outcome).toEqual({ kind: 'wrong-expected-revision', actual: 3n });
  });
});

describe('What the bare client appends', () => {
  it('is read by the wrapper in pages, forwards and backwards', async () => {
    const stream = newStream();
    await server.client.appendToStream(stream, numberedEvents(1_200));
    const store = wrapper();
    expect((await readThrough(store, stream)).map(numberIn)).toEqual(range(0, 1_200));
    expect((await store.lastEvent(stream))?.revision).toBe(1_199n);
  });

  it('comes through the subscription of the wrapper, from history and live, once and in order', async () => {
    const stream = newStream();
    const start = await server.client.appendToStream(newStream(), jsonEvent({ type: 'Start', data: {} }));
    await server.client.appendToStream(stream, numberedEvents(700));
    const seen: unknown[] = [];
    const store = wrapper();
    await new Promise<void>((done, fail) => {
      const subscription = store.subscribeToAll({
        name: 'contract',
        from: positionOf(start).commit,
        filter: { streamPrefixes: [stream] },
        onBatch: async ({ events }) => {
          const appended = seen.length > 0;
          seen.push(...events.map(numberIn));
          if (!appended && seen.length > 0) {
            await server.client.appendToStream(stream, numberedEvents(300, 'Numbered', 700));
          }
          if (seen.length >= 1_000) done();
        },
      });
      subscription.ended.then((end) => end.kind === 'failed' && fail(end.error));
    });
    expect(seen).toEqual(range(0, 1_000));
  });
});
