/**
 * Subscriptions to $all against a real server: what is delivered, what is confirmed, and what a consumer that
 * is slow, broken or asked to stop does to it.
 */
import { describe, expect, it, vi } from 'vitest';
import type { StoredEvent, SubscriptionBatch } from '../../src/eventstore/index.ts';
import { type EventStore, encodeEvents, type StreamName } from '../../src/eventstore/index.ts';
import { useEventstore } from '../support/eventstore.ts';
import {
  codec,
  contextOf,
  countedEvents,
  followAll,
  numberOf,
  openForTest,
  range,
  uniqueStream,
} from './support.ts';

const server = useEventstore();

async function appendNumbers(
  store: EventStore,
  stream: StreamName,
  from: number,
  to: number,
): Promise<bigint> {
  const expected = from === 0 ? 'no_stream' : BigInt(from - 1);
  const outcome = await store.append(stream, expected, countedEvents(stream, `c${from}`, ...range(from, to)));
  if (outcome.kind !== 'appended') throw new Error(`Not appended: ${outcome.actual}`);
  return outcome.position;
}

describe('A subscription', () => {
  it('delivers history and then what comes, of the streams it asked for', async () => {
    const store = openForTest(server.url);
    const [wanted, other] = [uniqueStream('Wanted'), uniqueStream('Other')];
    await appendNumbers(store, wanted, 0, 10);
    await appendNumbers(store, other, 0, 10);
    const follower = followAll(store, { from: 'start', filter: { streamPrefixes: [wanted] } });
    await follower.until(() => follower.statuses.includes('live'));
    expect(follower.statuses.slice(0, 2)).toEqual(['catching-up', 'live']);
    await appendNumbers(store, wanted, 10, 20);
    await follower.until(() => follower.seen.length >= 20);
    expect(follower.seen.map(numberOf)).toEqual(range(0, 20));
  });

  it('takes events of exactly the types it asked for', async () => {
    const store = openForTest(server.url);
    const { jsonEvent } = await import('@eventstore/db-client');
    const stream = uniqueStream();
    const types = [`Paid${stream.slice(-6)}`, `Paid${stream.slice(-6)}Late`, `NotPaid${stream.slice(-6)}`];
    await server.client.appendToStream(
      stream,
      types.map((type) => jsonEvent({ type, data: {} })),
    );
    const follower = followAll(store, { from: 'start', filter: { eventTypes: types.slice(0, 1) } });
    await follower.until(() => follower.statuses.includes('live'));
    expect(follower.seen.map((event: StoredEvent) => event.type)).toEqual(types.slice(0, 1));
  });

  it('from a position begins with the event behind it', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    const from = await appendNumbers(store, stream, 0, 5);
    await appendNumbers(store, stream, 5, 9);
    const follower = followAll(store, { from, filter: { streamPrefixes: [stream] } });
    await follower.until(() => follower.seen.length >= 4);
    expect(follower.seen.map(numberOf)).toEqual(range(5, 9));
  });

  it('that nothing matches still confirms how far it has looked', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream('Unmatched');
    const first = await appendNumbers(store, stream, 0, 500);
    const last = await appendNumbers(store, stream, 500, 1_200);
    const follower = followAll(store, { from: first, filter: { streamPrefixes: ['Nothing-'] } });
    await follower.until(() => (follower.positions.at(-1) ?? 0n) > first);
    expect(follower.seen).toEqual([]);
    const confirmed = follower.positions.at(-1) ?? 0n;
    expect(confirmed > first && confirmed <= last).toBe(true);
  });

  it('fills its batches up to their bound and no further', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    await appendNumbers(store, stream, 0, 100);
    const sizes: number[] = [];
    const follower = followAll(store, {
      from: 'start',
      filter: { streamPrefixes: [stream] },
      batchMaxEvents: 30,
      batchMaxWaitMs: 500,
      onBatch: async (batch) => {
        if (batch.events.length > 0) sizes.push(batch.events.length);
      },
    });
    await follower.until(() => follower.seen.length >= 100);
    expect(sizes).toEqual([30, 30, 30, 10]);
  });

  it('waits longer for a batch after a large one', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    const sizes: number[] = [];
    const follower = followAll(store, {
      from: 'end',
      filter: { streamPrefixes: [stream] },
      batchMaxEvents: 20,
      batchMaxWaitMs: 15,
      busyBatchMaxWaitMs: 5_000,
      onBatch: async (batch) => {
        if (batch.events.length > 0) sizes.push(batch.events.length);
      },
    });
    await follower.until(() => follower.subscription.state().status === 'live');
    let sent = 0;
    const send = async (count: number): Promise<void> => {
      await appendNumbers(store, stream, sent, sent + count);
      sent += count;
    };
    const isBusy = (): boolean => (sizes.at(-1) ?? 0) >= 8;
    while (!isBusy()) {
      await send(20);
      await follower.until(() => follower.seen.length === sent);
    }
    // One at a time, and handed over together.
    for (const _ of range(0, 20)) await send(1);
    await follower.until(() => follower.seen.length === sent);
    expect(sizes.at(-1)).toBe(20);
  });

  it('holds back a server that is faster than its consumer', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream('Flood');
    for (const from of range(0, 20)) await appendNumbers(store, stream, from * 500, (from + 1) * 500);
    let release = (): void => undefined;
    const held = new Promise<void>((go) => {
      release = go;
    });
    const follower = followAll(store, {
      from: 'start',
      filter: { streamPrefixes: [stream] },
      batchMaxEvents: 10,
      bufferMaxEvents: 100,
      onBatch: () => held,
    });
    const { subscription } = follower;
    await vi.waitUntil(() => subscription.state().bufferedEvents >= 90, { timeout: 10_000 });
    // The server has sent all it may by the time that it has answered this.
    for (const _ of range(0, 20)) await store.lastEvent(stream);
    expect(subscription.state().bufferedEvents).toBeLessThanOrEqual(100);
    expect(follower.seen).toEqual([]);
    release();
    let most = 0;
    await follower.until(() => {
      most = Math.max(most, subscription.state().bufferedEvents);
      return follower.seen.length >= 10_000;
    });
    expect(most).toBeLessThanOrEqual(100);
    expect(follower.seen.map(numberOf)).toEqual(range(0, 10_000));
  });

  it('of a consumer that throws fails, says where, and confirms nothing of that batch', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    await appendNumbers(store, stream, 0, 10);
    const follower = followAll(store, {
      from: 'start',
      filter: { streamPrefixes: [stream] },
      batchMaxEvents: 4,
      onBatch: async ({ events }) => {
        if (events.some((event) => numberOf(event) === 5)) throw new Error('five is too much');
      },
    });
    const end = await follower.subscription.ended;
    expect(end).toMatchObject({ kind: 'failed' });
    const state = follower.subscription.state();
    expect(state).toMatchObject({ status: 'failed', confirmedEvents: 4, consumerFailures: 1 });
    expect(state.lastError?.message).toContain(`${stream}@4: five is too much`);
    expect(state.confirmedPosition).toBe(follower.seen[3]?.position);
  });

  it('gives a failed batch again where it is told to, in order and once confirmed never again', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    await appendNumbers(store, stream, 0, 10);
    let failures = 0;
    const follower = followAll(store, {
      from: 'start',
      filter: { streamPrefixes: [stream] },
      batchMaxEvents: 4,
      consumerMaxRetries: 5,
      consumerBackoff: { firstMs: 1, maxMs: 2 },
      onBatch: async ({ events }) => {
        if (!events.some((event) => numberOf(event) === 5) || failures === 3) return;
        failures += 1;
        throw new Error('not yet');
      },
    });
    await follower.until(() => follower.seen.length >= 10);
    expect(follower.seen.map(numberOf)).toEqual(range(0, 10));
    expect(follower.subscription.state().consumerFailures).toBe(3);
  });

  it('that is stopped waits for its consumer, whose batch still counts', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    await appendNumbers(store, stream, 0, 10);
    let begun = (_: SubscriptionBatch): void => undefined;
    const first = new Promise<SubscriptionBatch>((done) => {
      begun = done;
    });
    let release = (): void => undefined;
    const held = new Promise<void>((go) => {
      release = go;
    });
    const follower = followAll(store, {
      from: 'start',
      filter: { streamPrefixes: [stream] },
      batchMaxEvents: 4,
      onBatch: async (batch) => {
        if (batch.events.length === 0) return;
        begun(batch);
        await held;
      },
    });
    const batch = await first;
    let stopped = false;
    const stopping = follower.subscription.stop().then(() => {
      stopped = true;
    });
    await store.lastEvent(stream);
    expect(stopped).toBe(false);
    release();
    await stopping;
    expect(follower.seen).toHaveLength(4);
    expect(follower.subscription.state()).toMatchObject({
      status: 'stopped',
      confirmedPosition: batch.position,
    });
    expect(await follower.subscription.ended).toEqual({ kind: 'stopped' });
  });

  it('survives twenty of its kind on one connection beside appends and reads', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream('Crowd');
    const followers = range(0, 20).map(() =>
      followAll(store, { from: 'end', filter: { streamPrefixes: [stream] } }),
    );
    await Promise.all(followers.map((follower) => follower.until(() => follower.statuses.includes('live'))));
    await appendNumbers(store, stream, 0, 50);
    await Promise.all(followers.map((follower) => follower.until(() => follower.seen.length >= 50)));
    for (const follower of followers) expect(follower.seen.map(numberOf)).toEqual(range(0, 50));
  });

  it('delivers events of a megabyte one after the other', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    for (const number of range(0, 5)) {
      const data = { number, pad: 'x'.repeat(1_000_000) };
      const events = encodeEvents(codec, stream, [{ type: 'Counted', data }], contextOf(`c${number}`));
      await store.append(stream, number === 0 ? 'no_stream' : BigInt(number - 1), events);
    }
    const follower = followAll(store, { from: 'start', filter: { streamPrefixes: [stream] } });
    await follower.until(() => follower.seen.length >= 5);
    expect(follower.seen.map(numberOf)).toEqual(range(0, 5));
  });
});
