/** Pinned is worth its name only if streams stay where they are while consumers come and go. */
import { describe, expect, it } from 'vitest';
import { choose } from '../../../src/devstore/persistent/strategy.ts';

const STREAMS = Array.from({ length: 600 }, (_, index) => `seat-${index}`);
const consumers = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));
const everyone = () => true;

const ownersAmong = (candidates: readonly { id: number }[]): (number | undefined)[] =>
  STREAMS.map((stream) => choose('Pinned', candidates, everyone, stream, -1)?.id);

describe('Pinned', () => {
  it('spreads streams evenly enough', () => {
    const owners = ownersAmong(consumers(3));
    for (const { id } of consumers(3)) {
      expect(owners.filter((owner) => owner === id).length).toBeGreaterThan(STREAMS.length / 6);
    }
  });

  it('moves only the streams of a consumer that leaves', () => {
    const before = ownersAmong(consumers(4));
    const after = ownersAmong(consumers(4).filter(({ id }) => id !== 2));
    for (const [index, owner] of before.entries()) {
      if (owner !== 2) expect(after[index]).toBe(owner);
      else expect(after[index]).not.toBe(2);
    }
  });

  it('moves streams to a consumer that joins, and to nobody else', () => {
    const before = ownersAmong(consumers(3));
    const after = ownersAmong(consumers(4));
    for (const [index, owner] of after.entries()) if (owner !== 3) expect(owner).toBe(before[index]);
    expect(after).toContain(3);
  });

  it('waits for the owner rather than give a stream to another', () => {
    const owner = choose('Pinned', consumers(3), everyone, 'seat-1', -1);
    const busy = (consumer: { id: number }) => consumer.id !== owner?.id;
    expect(choose('Pinned', consumers(3), busy, 'seat-1', -1)).toBeUndefined();
  });
});

describe('Every strategy', () => {
  it.each(['RoundRobin', 'DispatchToSingle', 'Pinned'] as const)('%s chooses nobody among nobody', (name) => {
    expect(choose(name, [], everyone, 'stream', -1)).toBeUndefined();
  });
});
