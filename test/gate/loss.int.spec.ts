/** Redis flushed, stopped, frozen and restarted in the middle of a sale: the gate opens, and works again. */
import { describe, expect, it } from 'vitest';
import { useRedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { believed, fill, newProgram, order, placed, testGate } from './support.ts';

const redis = useRedisServer();
const UNAVAILABLE = { kind: 'open', reason: 'unavailable' };

describe('a gate whose Redis', () => {
  it('is flushed lets orders through, and counts again after a refill', async () => {
    const { gate, troubles } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [3] });
    await gate.reserve(order(programId, 1, 'a', 2));
    await redis.client.flushall();
    await redis.client.script('FLUSH');
    expect(await gate.reserve(order(programId, 2, 'b', 2))).toEqual({ kind: 'open', reason: 'empty' });
    const effects = [placed(1n, order(programId, 1, 'a', 2))];
    expect(await gate.settle(programId, effects)).toEqual({ kind: 'empty' });
    await fill(gate, programId, { free: [1], revision: 1n });
    expect(await gate.settle(programId, effects)).toMatchObject({ applied: 0 });
    const left = await gate.reserve(order(programId, 2, 'b', 2));
    expect(left).toEqual({ kind: 'sold_out', category: 0, left: 1 });
    expect(troubles).toEqual([]);
  });

  it('is stopped lets orders through at once, is asked no more, and is found again', async () => {
    const { gate, troubles } = testGate(redis.client, { pauseMs: 1_000 });
    const programId = newProgram();
    await fill(gate, programId, { free: [3] });
    await redis.stop();
    for (let number = 0; number < 8; number += 1) {
      expect(await gate.reserve(order(programId, number, number))).toEqual(UNAVAILABLE);
    }
    expect(await gate.release(order(programId, 1, 1))).toBe('unavailable');
    expect(await gate.confirm(order(programId, 1, 1))).toBe('unavailable');
    expect(troubles.length).toBe(5);
    await expect(gate.settle(programId, [{ revision: 1n }])).rejects.toThrow();
    await redis.start();
    await until('the gate asks Redis again', async () => {
      const outcome = await gate.reserve(order(programId, 1, 'a'));
      return outcome.kind === 'open' && outcome.reason === 'empty';
    });
    await fill(gate, programId, { free: [3], revision: 1n });
    expect(await gate.reserve(order(programId, 1, 'a', 3))).toMatchObject({ kind: 'reserved' });
    expect(await gate.reserve(order(programId, 2, 'b', 1))).toMatchObject({ kind: 'sold_out' });
    expect(await believed(gate, programId)).toEqual([[3, 3]]);
  });

  it('does not answer lets orders through in bounded time', async () => {
    const { gate, troubles } = testGate(redis.client, { timeoutMs: 50, pauseMs: 20 });
    const programId = newProgram();
    await fill(gate, programId, { free: [9] });
    redis.freeze(true);
    try {
      for (let number = 0; number < 5; number += 1) {
        expect(await gate.reserve(order(programId, number, number))).toEqual(UNAVAILABLE);
      }
      const before = performance.now();
      expect(await gate.reserve(order(programId, 9, 9))).toEqual(UNAVAILABLE);
      expect(performance.now() - before).toBeLessThan(2_000);
      expect(troubles.length).toBeGreaterThanOrEqual(5);
    } finally {
      redis.freeze(false);
    }
    // What Redis was asked meanwhile happened after all: those are settled, released or swept like others.
    await until(
      'Redis is asked again',
      async () => (await gate.release(order(programId, 0, 0))) !== 'unavailable',
    );
    await gate.settle(programId, [placed(1n, order(programId, 1, 1))]);
    const [counts] = (await believed(gate, programId)) ?? [];
    expect(counts?.[0]).toBe(8);
    expect(counts?.[1]).toBeLessThanOrEqual(4);
  });

  it('came back with an older state is noticed by the projector', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    const stock = `seatlog:gate:{${programId}}:stock`;
    await fill(gate, programId, { free: [9] });
    const old = await redis.client.dumpBuffer(stock);
    await gate.settle(programId, [placed(1n, order(programId, 1, 'a'))]);
    await redis.client.restore(stock, 0, old, 'REPLACE');
    const outcome = await gate.settle(programId, [placed(2n, order(programId, 2, 'b'))]);
    expect(outcome).toEqual({ kind: 'behind', revision: 0n, applied: 0 });
  });
});
