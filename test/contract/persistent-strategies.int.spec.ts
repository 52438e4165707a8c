/**
 * How a group spreads its events over several consumers, for groups on a stream and on $all, with filters and links.
 */

import type { PersistentSubscriptionToAllResolvedEvent } from '@eventstore/db-client';
import {
  binaryEvent,
  type ConsumerStrategy,
  DISPATCH_TO_SINGLE,
  PINNED,
  persistentSubscriptionToAllSettingsFromDefaults,
  ROUND_ROBIN,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import type { Follower } from '../support/follow.ts';
import { follow } from '../support/follow.ts';
import { createGroup, type Group } from '../support/persistent.ts';
import { eventOf, numberedEvents, numbersOf, range, uniqueName } from '../support/streams.ts';

const store = useEventstore();

function consume({ stream, group }: Group): Follower<{ event?: unknown }> {
  const subscription = store.client.subscribeToPersistentSubscriptionToStream(stream, group);
  return follow(subscription, (entry) => void subscription.ack(entry));
}

async function spread(strategy: ConsumerStrategy, events: number): Promise<number[]> {
  const group = await createGroup(store.client, { consumerStrategyName: strategy });
  const followers = [consume(group), consume(group)];
  for (const follower of followers) {
    await follower.until(() => follower.seen.confirmations === 1, 'the confirmation');
  }
  for (const number of range(0, events)) {
    await store.client.appendToStream(group.stream, numberedEvents(1, 'Numbered', number));
    const total = (): number => followers.reduce((sum, follower) => sum + follower.events.length, 0);
    await Promise.race(followers.map((follower) => follower.until(() => total() > number, 'the next event')));
  }
  return followers.map((follower) => follower.events.length);
}

describe('Two consumers of a group', () => {
  it('take turns with RoundRobin', async () => {
    expect(await spread(ROUND_ROBIN, 20)).toEqual([10, 10]);
  });

  it('leave everything to one of them with DispatchToSingle while that one keeps up', async () => {
    expect((await spread(DISPATCH_TO_SINGLE, 20)).toSorted((a, b) => a - b)).toEqual([0, 20]);
  });

  it('leave a whole stream to one of them with Pinned', async () => {
    expect((await spread(PINNED, 20)).toSorted((a, b) => a - b)).toEqual([0, 20]);
  });
});

describe('A group on $all', () => {
  async function consumeAll(consumers: number, strategy: ConsumerStrategy, streams: readonly string[]) {
    const group = uniqueName('group');
    const settings = persistentSubscriptionToAllSettingsFromDefaults({
      startFrom: START,
      consumerStrategyName: strategy,
    });
    const filter = streamNameFilter({ prefixes: [streams[0]?.slice(0, -2) ?? ''] });
    await store.client.createPersistentSubscriptionToAll(group, settings, { filter });
    const followers = range(0, consumers).map(() => {
      const subscription = store.client.subscribeToPersistentSubscriptionToAll(group);
      return follow<PersistentSubscriptionToAllResolvedEvent>(
        subscription,
        (entry) => void subscription.ack(entry),
      );
    });
    for (const follower of followers) {
      await follower.until(() => follower.seen.confirmations === 1, 'the confirmation');
    }
    return followers;
  }

  it('with a filter gives what matches, from history and live', async () => {
    const prefix = uniqueName('Wanted');
    await store.client.appendToStream(`${prefix}-1`, numberedEvents(5));
    await store.client.appendToStream(uniqueName('Other'), numberedEvents(5));
    const [follower] = await consumeAll(1, ROUND_ROBIN, [`${prefix}-1`]);
    await follower?.count(5);
    await store.client.appendToStream(uniqueName('Other'), numberedEvents(5));
    await store.client.appendToStream(`${prefix}-2`, numberedEvents(5, 'Numbered', 5));
    await follower?.count(10);
    expect(numbersOf(follower?.events ?? []).toSorted((a, b) => a - b)).toEqual(range(0, 10));
  });

  it('with Pinned gives all events of a stream to the same consumer and uses more than one', async () => {
    const prefix = uniqueName('Pinned');
    const streams = range(10, 40).map((index) => `${prefix}${index}`);
    const followers = await consumeAll(3, PINNED, [`${prefix}10`]);
    for (const stream of [...streams, ...streams, ...streams]) {
      await store.client.appendToStream(stream, numberedEvents(1));
    }
    const total = (): number => followers.reduce((sum, follower) => sum + follower.events.length, 0);
    const wanted = streams.length * 3;
    await Promise.race(followers.map((follower) => follower.until(() => total() >= wanted, 'all events')));
    const owners = new Map<string, Set<number>>();
    for (const [index, follower] of followers.entries()) {
      for (const entry of follower.events) {
        const { streamId } = eventOf(entry);
        owners.set(streamId, (owners.get(streamId) ?? new Set()).add(index));
      }
    }
    expect([...owners.values()].every((indexes) => indexes.size === 1)).toBe(true);
    expect(followers.filter((follower) => follower.events.length > 0).length).toBeGreaterThan(1);
  });
});

describe('A group on a stream of links', () => {
  it('gives the events they point at, and takes the ack of the link', async () => {
    const group = await createGroup(store.client, { resolveLinkTos: true });
    const target = uniqueName('Target');
    await store.client.appendToStream(target, numberedEvents(2));
    const follower = consume(group);
    for (const revision of [1, 0]) {
      const link = binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${target}`) });
      await store.client.appendToStream(group.stream, link);
    }
    await follower.count(2);
    expect(follower.events).toMatchObject([
      { event: { streamId: target, revision: 1n }, link: { streamId: group.stream, revision: 0n } },
      { event: { streamId: target, revision: 0n }, link: { streamId: group.stream, revision: 1n } },
    ]);
  });
});
