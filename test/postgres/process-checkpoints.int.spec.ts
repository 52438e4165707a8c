/** Checkpoints of processes and lanes on a real database: they go on, never back. */
import { describe, expect, it } from 'vitest';
import { createProcessCheckpoints } from '../../src/postgres/process-checkpoints.ts';
import { useDatabase } from '../projections/read-models.ts';

const database = useDatabase();

describe('the checkpoint of a process', () => {
  it('is none at first, then the last one saved, however large', async () => {
    const checkpoint = createProcessCheckpoints(database.db).of('payment');
    expect(await checkpoint.load()).toBeUndefined();
    for (const position of [0n, 7n, 2n ** 62n]) {
      await checkpoint.save(position);
      expect(await checkpoint.load()).toBe(position);
    }
  });

  it('does not go back for an owner that was frozen', async () => {
    const checkpoint = createProcessCheckpoints(database.db).of('issuing');
    await checkpoint.save(20n);
    await checkpoint.save(10n);
    expect(await checkpoint.load()).toBe(20n);
  });

  it('is saved with others, by many at once', async () => {
    const checkpoints = createProcessCheckpoints(database.db);
    const lanes = (position: bigint) =>
      new Map([3, 1, 2].map((lane) => [`lane-${lane}`, position + BigInt(lane)]));
    const saves = Array.from({ length: 20 }, (_, index) => checkpoints.save(lanes(BigInt(index))));
    await Promise.all([...saves, checkpoints.save(new Map())]);
    expect(await checkpoints.of('lane-1').load()).toBe(20n);
    expect(await checkpoints.of('lane-3').load()).toBe(22n);
  });
});
