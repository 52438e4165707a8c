/**
 * Server-side filters of $all subscriptions and the checkpoints that let a consumer advance past events it never sees.
 */

import type { AllStreamResolvedEvent } from '@eventstore/db-client';
import {
  END,
  type EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  type Position,
  streamNameFilter,
} from '@eventstore/db-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { type Follower, follow } from '../support/follow.ts';
import { eventOf, numberedEvents, positionOf, uniqueId, uniqueName } from '../support/streams.ts';

const store = useEventstore();
const key = uniqueId().replaceAll('-', '');
const fence = `Fence${key}`;

/** Everything that the filter lets through from `start` up to the fence, as `stream/type` without the unique key. */
async function seenThrough(client: EventStoreDBClient, start: Position, filter: Filter): Promise<string[]> {
  const follower = follow(client.subscribeToAll({ fromPosition: start, filter }));
  await follower.until(() => isFenced(follower), 'the fence');
  return follower.events
    .map(eventOf)
    .filter((event) => event.streamId.includes(key) && !event.streamId.startsWith(fence))
    .map((event) => `${event.streamId.replace(key, '')}/${event.type.replace(key, '')}`);
}

const isFenced = (follower: Follower<AllStreamResolvedEvent>): boolean =>
  follower.events.some((entry) => eventOf(entry).streamId.startsWith(fence));

describe('A filter', () => {
  let start: Position;

  beforeAll(async () => {
    const { client } = store;
    start = positionOf(await client.appendToStream(uniqueName('Start'), numberedEvents(1)));
    for (const stream of [`Sale${key}-1`, `Payment${key}-1`, `Sale${key}-2`]) {
      await client.appendToStream(stream, numberedEvents(1, `Opened${key}`));
      await client.appendToStream(stream, numberedEvents(1, `Closed${key}`));
    }
    await client.setStreamMetadata(`Sale${key}-1`, { owner: 'box office' });
    await client.appendToStream(`${fence}-1`, numberedEvents(1, fence));
  });

  it('by stream name prefixes lets through the streams that start with one of them', async () => {
    const filter = streamNameFilter({ prefixes: [`Sale${key}-`, fence] });
    expect(await seenThrough(store.client, start, filter)).toEqual([
      'Sale-1/Opened',
      'Sale-1/Closed',
      'Sale-2/Opened',
      'Sale-2/Closed',
    ]);
  });

  it('by a regular expression on stream names matches anywhere unless it is anchored', async () => {
    const anywhere = streamNameFilter({ regex: `(${key}-1|${fence})` });
    expect(await seenThrough(store.client, start, anywhere)).toEqual([
      'Sale-1/Opened',
      'Sale-1/Closed',
      'Payment-1/Opened',
      'Payment-1/Closed',
      '$$Sale-1/$metadata',
    ]);
    const anchored = streamNameFilter({ regex: `^(Payment${key}|${fence})` });
    expect(await seenThrough(store.client, start, anchored)).toEqual([
      'Payment-1/Opened',
      'Payment-1/Closed',
    ]);
  });

  it('by event type prefixes lets through the types that start with one of them', async () => {
    const filter = eventTypeFilter({ prefixes: [`Opened${key}`, fence] });
    expect(await seenThrough(store.client, start, filter)).toEqual([
      'Sale-1/Opened',
      'Payment-1/Opened',
      'Sale-2/Opened',
    ]);
  });

  it('by a regular expression on event types lets through the types that match', async () => {
    const filter = eventTypeFilter({ regex: `^(Closed|Fence)${key}$` });
    expect(await seenThrough(store.client, start, filter)).toEqual([
      'Sale-1/Closed',
      'Payment-1/Closed',
      'Sale-2/Closed',
    ]);
  });

  it('without system events lets through everything else', async () => {
    const seen = await seenThrough(store.client, start, excludeSystemEvents());
    expect(seen).toHaveLength(6);
    expect(seen.filter((name) => name.includes('$'))).toEqual([]);
  });

  it('works on live events as on history', async () => {
    const prefix = `Live${uniqueId()}`;
    const filter = streamNameFilter({ prefixes: [prefix] });
    const follower = follow(store.client.subscribeToAll({ fromPosition: END, filter }));
    await follower.caughtUp();
    for (const stream of [uniqueName('Other'), `${prefix}-1`, uniqueName('Other'), `${prefix}-2`]) {
      await store.client.appendToStream(stream, numberedEvents(1));
    }
    await follower.count(2);
    expect(follower.events.map((entry) => eventOf(entry).streamId)).toEqual([`${prefix}-1`, `${prefix}-2`]);
  });
});
