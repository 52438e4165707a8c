/** Locks on a real Redis: one holder at a time, and work goes on where there are no locks to be had. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LockTimeoutError } from '../src/commands/ports.ts';
import { createLocks } from '../src/locks.ts';
import { useRedisServer } from './support/redis-server.ts';

const redis = useRedisServer();
const WAIT_MS = 5_000;

describe('locks', () => {
  it('have one holder at a time among many', async () => {
    const nodes = [createLocks(redis.client, WAIT_MS), createLocks(redis.client, WAIT_MS)];
    let holders = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      holders++;
      most = Math.max(most, holders);
      await sleep(2);
      holders--;
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => nodes[n % 2]?.holding(['lock:{p}:a'], work)));
    expect(most).toBe(1);
  });

  it('of other names do not wait for each other', async () => {
    const locks = createLocks(redis.client, WAIT_MS);
    const order: string[] = [];
    await locks.holding(['lock:{p}:a'], async () => {
      await locks.holding(['lock:{p}:b'], async () => order.push('b'));
      order.push('a');
    });
    expect(order).toEqual(['b', 'a']);
  });

  it('are given back by work that fails, and fail it no other way', async () => {
    const locks = createLocks(redis.client, WAIT_MS);
    await expect(locks.holding(['lock:{p}'], () => Promise.reject(new Error('no luck')))).rejects.toThrow(
      'no luck',
    );
    expect(await locks.holding(['lock:{p}'], async () => 'luck')).toBe('luck');
  });

  it('are waited for no longer than the engine waits', async () => {
    const patient = createLocks(redis.client, WAIT_MS);
    const hasty = createLocks(redis.client, 100);
    await patient.holding(['lock:{p}'], async () => {
      await expect(hasty.holding(['lock:{p}'], async () => 'never')).rejects.toBeInstanceOf(LockTimeoutError);
    });
  });

  it('are done without where Redis is gone, and are there again when it is back', async () => {
    const locks = createLocks(redis.client, WAIT_MS);
    await redis.stop();
    expect(await locks.holding(['lock:{p}'], async () => 'done')).toBe('done');
    await redis.start();
    expect(await locks.holding(['lock:{p}'], async () => redis.client.exists('lock:{p}'))).toBe(1);
  });
});
