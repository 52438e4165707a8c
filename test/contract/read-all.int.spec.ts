/**
 * Reading $all: one order over all streams, by positions. The reads start at a known position, so that a server with
 * much older data serves as well.
 */
import { BACKWARDS, END, type Position, START } from '@eventstore/db-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  collect,
  eventOf,
  numberedEvents,
  numbersOf,
  positionOf,
  range,
  uniqueName,
} from '../support/streams.ts';

const store = useEventstore();

describe('Reading $all', () => {
  const streams = [uniqueName(), uniqueName(), uniqueName()];
  const positions: Position[] = [];
  const at = (number: number): Position => positionOf({ position: positions[number] });
  const mine = (streamId: string): boolean => streams.includes(streamId);

  beforeAll(async () => {
    for (const number of range(0, 60)) {
      const stream = streams[number % streams.length] ?? '';
      const result = await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', number));
      positions.push(positionOf(result));
    }
  });

  const read = async (options: Parameters<typeof store.client.readAll>[0]): Promise<number[]> => {
    const entries = await collect(store.client.readAll(options));
    return numbersOf(entries.filter((entry) => mine(eventOf(entry).streamId)));
  };

  it('forwards from a position starts with the event at that position', async () => {
    const [first] = await collect(store.client.readAll({ fromPosition: at(10), maxCount: 1 }));
    expect(first?.event).toMatchObject({ position: at(10), data: { number: 10 } });
    expect(await read({ fromPosition: at(10) })).toEqual(range(10, 60));
  });

  it('backwards from a position starts with the event before it', async () => {
    const numbers = await read({ fromPosition: at(10), direction: BACKWARDS, maxCount: 100 });
    expect(numbers).toEqual(range(0, 10).reverse());
  });

  it('backwards from the end gives the newest first', async () => {
    const newest = positionOf(await store.client.appendToStream(uniqueName(), numberedEvents(1)));
    const commits = (
      await collect(store.client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 50 }))
    ).map((entry) => positionOf(eventOf(entry)).commit);
    expect(commits).toHaveLength(50);
    expect(commits[0]).toBeGreaterThanOrEqual(newest.commit);
    expect(commits.every((commit, index) => index === 0 || commit < (commits[index - 1] ?? commit))).toBe(
      true,
    );
  });

  it('forwards from the end and backwards from the start give nothing', async () => {
    expect(await collect(store.client.readAll({ fromPosition: END }))).toEqual([]);
    expect(await collect(store.client.readAll({ fromPosition: START, direction: BACKWARDS }))).toEqual([]);
  });

  it('stops after the asked number of events', async () => {
    expect(await collect(store.client.readAll({ maxCount: 5 }))).toHaveLength(5);
    expect(await collect(store.client.readAll({ maxCount: 0 }))).toEqual([]);
  });

  it('gives strictly rising positions forwards, and the same backwards', async () => {
    const forwards = (await collect(store.client.readAll({ fromPosition: at(0) }))).map(
      (entry) => positionOf(eventOf(entry)).commit,
    );
    const rising = forwards.every((commit, index) => index === 0 || commit > (forwards[index - 1] ?? commit));
    expect(rising, forwards.join(' ')).toBe(true);
    const fromPosition = { commit: forwards.at(-1) ?? 0n, prepare: forwards.at(-1) ?? 0n };
    const backwards = await collect(
      store.client.readAll({ fromPosition, direction: BACKWARDS, maxCount: forwards.length - 1 }),
    );
    const reversed = backwards.map((entry) => positionOf(eventOf(entry)).commit).reverse();
    expect(reversed).toEqual(forwards.slice(0, -1));
  });

  it('contains system events', async () => {
    const stream = uniqueName();
    const result = await store.client.setStreamMetadata(stream, { owner: 'box office' });
    const [entry] = await collect(store.client.readAll({ fromPosition: positionOf(result), maxCount: 1 }));
    expect(entry?.event).toMatchObject({ type: '$metadata', streamId: `$$${stream}` });
  });
});
