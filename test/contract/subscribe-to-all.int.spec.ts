/**
 * Catch-up subscriptions to $all: one order over all streams, from any position, with live events behind history.
 * Every projection of Seatlog stands on one of these.
 */

import type { AllStreamResolvedEvent } from '@eventstore/db-client';
import { END, START } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { type Follower, follow } from '../support/follow.ts';
import { eventOf, numberedEvents, numbersOf, positionOf, range, uniqueName } from '../support/streams.ts';

const store = useEventstore();

const of = (follower: Follower<AllStreamResolvedEvent>, streams: readonly string[]): number[] =>
  numbersOf(follower.events.filter((entry) => streams.includes(eventOf(entry).streamId)));

describe('A subscription to $all', () => {
  it('from a position starts with the event after it and goes on live', async () => {
    const streams = [uniqueName(), uniqueName()];
    const results = [];
    for (const number of range(0, 10)) {
      const stream = streams[number % 2] ?? '';
      results.push(await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', number)));
    }
    const fromPosition = positionOf({ position: results[3]?.position });
    const follower = follow(store.client.subscribeToAll({ fromPosition }));
    await follower.caughtUp();
    for (const number of range(10, 20)) {
      await store.client.appendToStream(streams[number % 2] ?? '', numberedEvents(1, 'Numbered', number));
    }
    await follower.until(() => of(follower, streams).length >= 16, '16 events of the two streams');
    expect(of(follower, streams)).toEqual(range(4, 20));
  });

  it('from the start gives all that was ever appended, in the order of positions', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(50));
    const follower = follow(store.client.subscribeToAll({ fromPosition: START }));
    await follower.until(() => {
      const last = follower.events.at(-1);
      return last !== undefined && eventOf(last).streamId === stream && eventOf(last).revision === 49n;
    }, 'the last event of the stream');
    expect(of(follower, [stream])).toEqual(range(0, 50));
    const commits = follower.events.map((entry) => positionOf(eventOf(entry)).commit);
    expect(commits.every((commit, index) => index === 0 || commit > (commits[index - 1] ?? commit))).toBe(
      true,
    );
  });

  it('from the end gives only what is appended afterwards', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(5));
    const follower = follow(store.client.subscribeToAll({ fromPosition: END }));
    await follower.caughtUp();
    await store.client.appendToStream(stream, numberedEvents(5, 'Numbered', 5));
    await follower.until(() => of(follower, [stream]).length >= 5, '5 events of the stream');
    expect(of(follower, [stream])).toEqual(range(5, 10));
  });

  it('says once that it has caught up and gives system events too', async () => {
    const stream = uniqueName();
    const follower = follow(store.client.subscribeToAll({ fromPosition: END }));
    await follower.caughtUp();
    await store.client.setStreamMetadata(stream, { owner: 'box office' });
    await follower.until(
      () => follower.events.some((entry) => eventOf(entry).streamId === `$$${stream}`),
      'the metadata event',
    );
    expect(follower.seen).toEqual({ confirmations: 1, caughtUps: 1 });
  });

  it('that resumes from its last position again and again sees every event exactly once', async () => {
    const stream = uniqueName();
    const start = await store.client.appendToStream(stream, numberedEvents(1));
    let position = positionOf(start);
    const numbers: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const appending = Promise.all(
        range(0, 5).map(() => store.client.appendToStream(stream, numberedEvents(4))),
      );
      const follower = follow(store.client.subscribeToAll({ fromPosition: position }));
      await follower.until(() => of(follower, [stream]).length >= 7, '7 events of the stream');
      const last = follower.events.at(-1);
      const revisions = follower.events
        .map(eventOf)
        .filter((event) => event.streamId === stream)
        .map((event) => Number(event.revision));
      numbers.push(...revisions);
      if (last) position = positionOf(eventOf(last));
      await follower.stop();
      await appending;
    }
    expect(numbers).toEqual(range(1, 1 + numbers.length));
    expect(numbers.length).toBeGreaterThanOrEqual(70);
  });
});
