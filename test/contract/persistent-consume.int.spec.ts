/**
 * Consuming from a group: at-least-once, by ack and nack, with retries, parking and replay.
 */
import {
  END,
  PARK,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionMaximumSubscribersReachedError,
  type PersistentSubscriptionToStream,
  type PersistentSubscriptionToStreamResolvedEvent,
  RETRY,
  SKIP,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { type Follower, follow } from '../support/follow.ts';
import { createGroup, type Group, reported } from '../support/persistent.ts';
import { eventOf, numberedEvents, numbersOf, range } from '../support/streams.ts';

type Resolved = PersistentSubscriptionToStreamResolvedEvent;
type Answer = (subscription: PersistentSubscriptionToStream, entry: Resolved) => Promise<void> | void;

const store = useEventstore();
const ack: Answer = (subscription, entry) => subscription.ack(entry);
const leave: Answer = () => undefined;

function consume({ stream, group }: Group, answer: Answer, bufferSize = 10): Follower<Resolved> {
  const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize });
  return follow<Resolved>(subscription, (entry) => void answer(subscription, entry));
}

describe('A consumer of a group', () => {
  it('gets history and live events and moves the checkpoint by acknowledging them', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(30));
    const follower = consume(group, ack);
    await follower.count(30);
    await store.client.appendToStream(group.stream, numberedEvents(30, 'Numbered', 30));
    await follower.count(60);
    expect(numbersOf(follower.events).toSorted((a, b) => a - b)).toEqual(range(0, 60));
    expect(follower.events.every((entry) => entry.retryCount === 0)).toBe(true);
    await reported(store.client, group, { lastCheckpointedEventRevision: 59n, lastKnownEventRevision: 59n });
  });

  it('of a group that starts from the end gets only what is appended afterwards', async () => {
    const group = await createGroup(store.client, { startFrom: END });
    await store.client.appendToStream(group.stream, numberedEvents(1));
    const follower = consume(group, ack);
    await follower.count(1);
    expect(numbersOf(follower.events)).toEqual([0]);
  });

  it('of a group that starts from a revision gets that event first', async () => {
    const group = await createGroup(store.client, { startFrom: 3n });
    await store.client.appendToStream(group.stream, numberedEvents(6));
    const follower = consume(group, ack);
    await follower.count(3);
    expect(numbersOf(follower.events)).toEqual([3, 4, 5]);
  });

  it('has no more unanswered events than its buffer holds', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(20));
    const greedy = consume(group, leave, 5);
    await greedy.count(5);
    await reported(store.client, group, { totalInFlightMessages: 5 });
    expect(greedy.events).toHaveLength(5);
    const helper = consume(group, ack, 20);
    await helper.count(15);
    expect(numbersOf(helper.events).toSorted((a, b) => a - b)).toEqual(range(5, 20));
  });

  it('that leaves has its unanswered events given to the next', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(10));
    const first = consume(group, (subscription, entry) =>
      eventOf(entry).revision < 4n ? subscription.ack(entry) : undefined,
    );
    await first.count(10);
    await reported(store.client, group, { lastCheckpointedEventRevision: 3n });
    await first.stop();
    const second = consume(group, ack);
    await second.count(6);
    expect(numbersOf(second.events).toSorted((a, b) => a - b)).toEqual(range(4, 10));
  });
});

describe('A negative acknowledgement', () => {
  it('with RETRY gives the event again and counts', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(1));
    const follower = consume(group, (subscription, entry) =>
      entry.retryCount < 2 ? subscription.nack(RETRY, 'not yet', entry) : subscription.ack(entry),
    );
    await follower.count(3);
    expect(follower.events.map((entry) => entry.retryCount)).toEqual([0, 1, 2]);
  });

  it('with SKIP passes the event over', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(3));
    const follower = consume(group, (subscription, entry) => subscription.nack(SKIP, 'not for me', entry));
    await follower.count(3);
    await reported(store.client, group, { lastCheckpointedEventRevision: 2n, parkedMessageCount: 0n });
    expect(follower.events).toHaveLength(3);
  });

  it('with PARK sets the event aside until the parked ones are replayed', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(4));
    const follower = consume(group, (subscription, entry) =>
      follower.events.length <= 4 ? subscription.nack(PARK, 'broken', entry) : subscription.ack(entry),
    );
    await follower.count(4);
    await reported(store.client, group, { parkedMessageCount: 4n });
    await store.client.replayParkedMessagesToStream(group.stream, group.group);
    await follower.count(8);
    expect(numbersOf(follower.events.slice(4)).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    await reported(store.client, group, { parkedMessageCount: 0n });
  });

  it('can have the replay stop after some of the parked events', async () => {
    const group = await createGroup(store.client);
    await store.client.appendToStream(group.stream, numberedEvents(4));
    const follower = consume(group, (subscription, entry) =>
      follower.events.length <= 4 ? subscription.nack(PARK, 'broken', entry) : subscription.ack(entry),
    );
    await follower.count(4);
    await reported(store.client, group, { parkedMessageCount: 4n });
    await store.client.replayParkedMessagesToStream(group.stream, group.group, { stopAt: 2 });
    await follower.count(6);
    await reported(store.client, group, { parkedMessageCount: 2n });
    expect(follower.events).toHaveLength(6);
  });
});

describe('An event that nobody answers', () => {
  it('is given again after the time-out', async () => {
    const group = await createGroup(store.client, { messageTimeout: 300 });
    await store.client.appendToStream(group.stream, numberedEvents(1));
    const follower = consume(group, (subscription, entry) =>
      entry.retryCount === 0 ? undefined : subscription.ack(entry),
    );
    await follower.count(2);
    expect(numbersOf(follower.events)).toEqual([0, 0]);
    expect(follower.events[1]?.retryCount).toBe(1);
  });

  it('is parked when its retries are used up', async () => {
    const group = await createGroup(store.client, { messageTimeout: 200, maxRetryCount: 2 });
    await store.client.appendToStream(group.stream, numberedEvents(1));
    const follower = consume(group, leave);
    await reported(store.client, group, { parkedMessageCount: 1n });
    expect(follower.events.map((entry) => entry.retryCount)).toEqual([0, 1, 2]);
  });
});

describe('A group', () => {
  it('refuses more consumers than it allows, and takes one when another has left', async () => {
    const group = await createGroup(store.client, { maxSubscriberCount: 1 });
    const first = consume(group, ack);
    await first.until(() => first.seen.confirmations === 1, 'the confirmation');
    const second = consume(group, ack);
    const error = await second.failed();
    expect(error).toBeInstanceOf(PersistentSubscriptionMaximumSubscribersReachedError);
    expect(error).toMatchObject({ streamName: group.stream, groupName: group.group });
  });

  it('that is deleted drops its consumers', async () => {
    const group = await createGroup(store.client);
    const follower = consume(group, ack);
    await follower.until(() => follower.seen.confirmations === 1, 'the confirmation');
    await store.client.deletePersistentSubscriptionToStream(group.stream, group.group);
    const error = await follower.failed();
    expect(error).toBeInstanceOf(PersistentSubscriptionDroppedError);
    expect(error).toMatchObject({ streamName: group.stream, groupName: group.group });
  });
});
