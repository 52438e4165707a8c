/**
 * Checkpoints of filtered subscriptions: the only way a consumer learns how far it has come when nothing matches.
 */

import type { AllStreamResolvedEvent } from '@eventstore/db-client';
import { type Position, streamNameFilter } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { type Follower, follow } from '../support/follow.ts';
import { collect, eventOf, numberedEvents, positionOf, uniqueName } from '../support/streams.ts';

type Observed = { readonly follower: Follower<AllStreamResolvedEvent>; readonly checkpoints: Position[] };
type Window = { readonly maxSearchWindow?: number; readonly checkpointInterval?: number };

const store = useEventstore();

function observe(fromPosition: Position, prefix: string, window: Window): Observed {
  const checkpoints: Position[] = [];
  const filter = streamNameFilter({
    prefixes: [prefix],
    ...window,
    checkpointReached: (_subscription, position) => {
      checkpoints.push(position);
      follower.poke();
    },
  });
  const follower = follow(store.client.subscribeToAll({ fromPosition, filter }));
  return { follower, checkpoints };
}

const appendUnseen = (count: number): Promise<{ position?: Position }> =>
  store.client.appendToStream(uniqueName('Unseen'), numberedEvents(count));

const isRising = (positions: readonly Position[]): boolean =>
  positions.every(({ commit }, index) => index === 0 || commit >= (positions[index - 1]?.commit ?? commit));

/** No more checkpoints than the events passed by call for, whoever appended them, and one for the catch-up's end. */
async function expectEvery(
  interval: number,
  start: Position,
  checkpoints: readonly Position[],
): Promise<void> {
  const seen = [...checkpoints];
  const last = positionOf({ position: seen.at(-1) });
  const passed = (await collect(store.client.readAll({ fromPosition: start }))).filter(
    (entry) => positionOf(eventOf(entry)).commit <= last.commit,
  );
  expect(seen.length).toBeLessThanOrEqual(Math.ceil(passed.length / interval) + 1);
}

describe('Checkpoints of a filtered subscription', () => {
  it('come after every window times multiplier of considered events', async () => {
    const start = positionOf(await appendUnseen(1));
    await appendUnseen(200);
    const window = { maxSearchWindow: 10, checkpointInterval: 2 };
    const { follower, checkpoints } = observe(start, uniqueName('Nobody'), window);
    await follower.caughtUp();
    await follower.until(() => checkpoints.length >= 10, '10 checkpoints');
    await expectEvery(20, start, checkpoints);
    expect(isRising(checkpoints)).toBe(true);
  });

  it('have a window of 32 events when none is asked for', async () => {
    const start = positionOf(await appendUnseen(1));
    await appendUnseen(320);
    const { follower, checkpoints } = observe(start, uniqueName('Nobody'), {});
    await follower.caughtUp();
    await follower.until(() => checkpoints.length >= 10, '10 checkpoints');
    await expectEvery(32, start, checkpoints);
  });

  it('come once at the end of the catch-up, however few events there were', async () => {
    const start = positionOf(await appendUnseen(1));
    const last = positionOf(await appendUnseen(3));
    const { follower, checkpoints } = observe(start, uniqueName('Nobody'), {});
    await follower.until(
      () => (checkpoints.at(-1)?.commit ?? 0n) >= last.commit,
      'a checkpoint at the end of the log',
    );
    expect(follower.events).toEqual([]);
  });

  it('go on while live events pass by unseen', async () => {
    const start = positionOf(await appendUnseen(1));
    const window = { maxSearchWindow: 5, checkpointInterval: 1 };
    const { follower, checkpoints } = observe(start, uniqueName('Nobody'), window);
    await follower.caughtUp();
    const before = checkpoints.length;
    await appendUnseen(50);
    await follower.until(() => checkpoints.length >= before + 9, '9 checkpoints of 50 live events');
    expect(isRising(checkpoints)).toBe(true);
    expect(follower.events).toEqual([]);
  });

  it('never run ahead of an event that has not been given yet', async () => {
    const prefix = uniqueName('Seen');
    const start = positionOf(await appendUnseen(1));
    for (let index = 0; index < 20; index += 1) {
      await appendUnseen(7);
      await store.client.appendToStream(`${prefix}-${index}`, numberedEvents(1));
    }
    const checkpoints: Position[] = [];
    const tooEarly: string[] = [];
    const filter = streamNameFilter({
      prefixes: [prefix],
      maxSearchWindow: 4,
      checkpointReached: (_subscription, position) => void checkpoints.push(position),
    });
    const follower = follow(store.client.subscribeToAll({ fromPosition: start, filter }), (entry) => {
      const { commit } = positionOf(eventOf(entry));
      const ahead = checkpoints.at(-1);
      if (ahead && ahead.commit >= commit) tooEarly.push(`${ahead.commit} before ${commit}`);
    });
    await follower.count(20);
    expect(tooEarly).toEqual([]);
    expect(checkpoints.length).toBeGreaterThan(10);
  });

  it('are positions to resume from: nothing is missed and nothing repeated', async () => {
    const prefix = uniqueName('Seen');
    const start = positionOf(await appendUnseen(1));
    await store.client.appendToStream(`${prefix}-1`, numberedEvents(1));
    const unseen = positionOf(await appendUnseen(100));
    const first = observe(start, prefix, {});
    await first.follower.caughtUp();
    await first.follower.until(
      () => (first.checkpoints.at(-1)?.commit ?? 0n) >= unseen.commit,
      'a checkpoint behind the unseen events',
    );
    const checkpoint = positionOf({ position: first.checkpoints.at(-1) });
    await store.client.appendToStream(`${prefix}-2`, numberedEvents(1));
    const second = observe(checkpoint, prefix, {});
    await second.follower.count(1);
    expect(second.follower.events.map((entry) => eventOf(entry).streamId)).toEqual([`${prefix}-2`]);
  });
});
