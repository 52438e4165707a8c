/**
 * Back-off, the limiter, rates and time-outs: the parts that recovery is made of, without a server.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs } from '../../src/eventstore/backoff.ts';
import { createLimiter } from '../../src/eventstore/limiter.ts';
import { createRate } from '../../src/eventstore/subscription/rate.ts';
import { createWatch } from '../../src/eventstore/subscription/watch.ts';
import { systemTiming, withTimeout } from '../../src/eventstore/timing.ts';
import { holds } from '../support/properties.ts';
import { range } from './support.ts';

describe('Back-off', () => {
  it('stays between half a step and a step, and below its bound however often it failed', () => {
    const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    holds(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), part, (failures, random) => {
        const delayMs = backoffDelayMs({ firstMs: 20, maxMs: 5_000 }, failures, random);
        const stepMs = Math.min(5_000, 20 * 2 ** Math.min(failures - 1, 40));
        expect(delayMs).toBeGreaterThanOrEqual(stepMs / 2);
        expect(delayMs).toBeLessThanOrEqual(stepMs);
      }),
    );
  });

  it('doubles, for the same chance', () => {
    const delays = range(1, 8).map((failures) => backoffDelayMs({ firstMs: 10, maxMs: 200 }, failures, 0.5));
    expect(delays).toEqual([7.5, 15, 30, 60, 120, 150, 150]);
  });
});

describe('A limiter', () => {
  it('runs no more than its bound at once, the others in order, and all of them once', async () => {
    const limiter = createLimiter(3, 100);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const results = await Promise.all(
      range(0, 50).map((number) =>
        limiter.run(async () => {
          running += 1;
          most = Math.max(most, running);
          order.push(number);
          await new Promise((done) => setImmediate(done));
          running -= 1;
          return number;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(order).toEqual(range(0, 50));
    expect(results).toEqual(range(0, 50));
  });

  it('frees the place of work that fails, and refuses more waiting than its bound', async () => {
    const limiter = createLimiter(1, 1);
    await expect(limiter.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const blocked = limiter.run(() => new Promise<void>((done) => setImmediate(done)));
    const waiting = limiter.run(async () => 'ran');
    await expect(limiter.run(async () => 'never')).rejects.toMatchObject({ kind: 'overloaded' });
    await blocked;
    expect(await waiting).toBe('ran');
  });
});

describe('A rate', () => {
  it('is the mean over the last ten seconds and falls to nothing after them', () => {
    let nowMs = 0;
    const rate = createRate(() => nowMs);
    for (const second of range(0, 20)) {
      nowMs = second * 1_000;
      rate.mark(100);
    }
    expect(rate.perSecond()).toBe(100);
    nowMs += 5_000;
    expect(rate.perSecond()).toBe(50);
    nowMs += 60_000;
    expect(rate.perSecond()).toBe(0);
  });

  it('of the first seconds counts only those that have passed', () => {
    let nowMs = 0;
    const rate = createRate(() => nowMs);
    rate.mark(30);
    expect(rate.perSecond()).toBe(30);
    nowMs = 2_000;
    expect(rate.perSecond()).toBe(10);
  });
});

describe('A time-out', () => {
  const late = (): Error => new Error('late');

  it('leaves work alone that is in time, whichever way it ends', async () => {
    expect(await withTimeout(Promise.resolve(5), 1_000, late)).toBe(5);
    await expect(withTimeout(Promise.reject(new Error('own')), 1_000, late)).rejects.toThrow('own');
  });

  it('bears the late failure of work that it has given up', async () => {
    let fail = (_: Error): void => undefined;
    const work = new Promise<never>((_done, reject) => {
      fail = reject;
    });
    await expect(withTimeout(work, 1, late)).rejects.toThrow('late');
    fail(new Error('nobody listens'));
    await new Promise((done) => setImmediate(done));
  });

  it('of a sleep ends early when its signal fires, or has fired', async () => {
    const stop = new AbortController();
    const started = performance.now();
    const sleeping = systemTiming.sleep(60_000, stop.signal);
    stop.abort();
    await sleeping;
    await systemTiming.sleep(60_000, stop.signal);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('A watch', () => {
  it('ends a wait when its condition comes true, at once when it is true already', async () => {
    const watch = createWatch();
    let value = 0;
    let ended = false;
    const waiting = watch
      .until(() => value === 2)
      .then(() => {
        ended = true;
      });
    for (value of [1, 2]) {
      expect(ended).toBe(false);
      watch.notify();
    }
    await waiting;
    await watch.until(() => value === 2);
  });

  it('forgets a wait whose signal has fired', async () => {
    const watch = createWatch();
    const over = new AbortController();
    let looks = 0;
    const waiting = watch.until(() => {
      looks += 1;
      return false;
    }, over.signal);
    over.abort();
    await waiting;
    const looksBefore = looks;
    watch.notify();
    expect(looks).toBe(looksBefore);
  });
});
