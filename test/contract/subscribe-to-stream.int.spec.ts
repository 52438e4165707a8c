/**
 * Catch-up subscriptions to one stream: where they start, that they turn live, and that nothing is lost or repeated
 * at the turn.
 */
import { END, START, StreamDeletedError } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { follow } from '../support/follow.ts';
import { numberedEvents, numbersOf, range, uniqueName } from '../support/streams.ts';

const store = useEventstore();

describe('A subscription to a stream', () => {
  it('confirms itself with an id, gives the history, then says that it has caught up', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(300));
    const subscription = store.client.subscribeToStream(stream);
    const order: string[] = [];
    subscription.on('confirmation', () => order.push('confirmation'));
    subscription.on('caughtUp', () => order.push('caughtUp'));
    const follower = follow(subscription);
    await follower.caughtUp();
    await follower.count(300);
    expect(numbersOf(follower.events)).toEqual(range(0, 300));
    expect(order).toEqual(['confirmation', 'caughtUp']);
    expect(subscription.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('from a revision starts with the event after it', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(10));
    const follower = follow(store.client.subscribeToStream(stream, { fromRevision: 6n }));
    await follower.count(3);
    await follower.caughtUp();
    expect(numbersOf(follower.events)).toEqual([7, 8, 9]);
  });

  it('from the last revision waits for the next event', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    const follower = follow(store.client.subscribeToStream(stream, { fromRevision: 2n }));
    await follower.caughtUp();
    await store.client.appendToStream(stream, numberedEvents(2, 'Numbered', 3));
    await follower.count(2);
    expect(numbersOf(follower.events)).toEqual([3, 4]);
  });

  it('from the end gives only what is appended afterwards', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    const follower = follow(store.client.subscribeToStream(stream, { fromRevision: END }));
    await follower.caughtUp();
    await store.client.appendToStream(stream, numberedEvents(2, 'Numbered', 3));
    await follower.count(2);
    expect(numbersOf(follower.events)).toEqual([3, 4]);
  });

  it.each([
    ['start', START],
    ['end', END],
  ] as const)('from the %s of a stream that is not there waits for its first event', async (_name, from) => {
    const stream = uniqueName();
    const follower = follow(store.client.subscribeToStream(stream, { fromRevision: from }));
    await follower.caughtUp();
    await store.client.appendToStream(stream, numberedEvents(2));
    await follower.count(2);
    expect(numbersOf(follower.events)).toEqual([0, 1]);
  });

  it('does not give events of other streams', async () => {
    const [stream, other] = [uniqueName(), uniqueName()];
    const follower = follow(store.client.subscribeToStream(stream));
    await follower.caughtUp();
    await store.client.appendToStream(other, numberedEvents(5, 'Numbered', 100));
    await store.client.appendToStream(stream, numberedEvents(1));
    await follower.count(1);
    expect(numbersOf(follower.events)).toEqual([0]);
  });

  it('loses and repeats nothing while events are appended during the catch-up', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1_000));
    const follower = follow(store.client.subscribeToStream(stream));
    for (let from = 1_000; from < 2_000; from += 10) {
      await store.client.appendToStream(stream, numberedEvents(10, 'Numbered', from));
    }
    await follower.count(2_000);
    expect(numbersOf(follower.events)).toEqual(range(0, 2_000));
  });

  it('gives the events of a stream that goes on after a soft delete', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    await store.client.deleteStream(stream);
    const follower = follow(store.client.subscribeToStream(stream));
    await follower.caughtUp();
    await store.client.appendToStream(stream, numberedEvents(2, 'Numbered', 3));
    await follower.count(2);
    expect(numbersOf(follower.events)).toEqual([3, 4]);
  });

  it('to a tombstoned stream fails with StreamDeletedError', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    await store.client.tombstoneStream(stream);
    const follower = follow(store.client.subscribeToStream(stream));
    expect(await follower.failed()).toBeInstanceOf(StreamDeletedError);
  });

  it('gives nothing more after unsubscribing', async () => {
    const stream = uniqueName();
    const [ended, witness] = [1, 2].map(() => follow(store.client.subscribeToStream(stream)));
    await store.client.appendToStream(stream, numberedEvents(1));
    await ended?.count(1);
    await ended?.stop();
    await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', 1));
    await witness?.count(2);
    expect(ended?.events).toHaveLength(1);
    expect(ended?.failure).toBeUndefined();
  });
});
