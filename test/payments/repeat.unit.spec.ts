import { describe, expect, it } from 'vitest';
import { repeat } from '../../src/payments/repeat.ts';

const HOUR_MS = 3_600_000;

/** Work that a test lets end. */
const steppedWork = () => {
  const begun: (() => void)[] = [];
  let announce: () => void = () => undefined;
  let running = 0;
  let most = 0;
  return {
    most: () => most,
    times: () => begun.length,
    work: async () => {
      running++;
      most = Math.max(most, running);
      await new Promise<void>((end) => {
        begun.push(end);
        announce();
      });
      running--;
    },
    /** Resolves once the n-th time, from 1, has begun. */
    beginning: async (nth: number) => {
      while (begun.length < nth) {
        await new Promise<void>((told) => {
          announce = told;
        });
      }
    },
    end: (nth: number) => begun[nth - 1]?.(),
  };
};

describe('Repeated work', () => {
  it('begins at once, goes on when woken, and never runs twice at a time', async () => {
    const steps = steppedWork();
    const repeated = repeat({ work: steps.work, everyMs: HOUR_MS, onError: () => undefined });
    await steps.beginning(1);
    repeated.wake();
    repeated.wake();
    steps.end(1);
    await steps.beginning(2);
    const stopped = repeated.stop();
    steps.end(2);
    await stopped;
    expect([steps.times(), steps.most()]).toEqual([2, 1]);
  });

  it('comes again in time, also after an error', async () => {
    const errors: unknown[] = [];
    let times = 0;
    let enough: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const work = async () => {
      times++;
      if (times === 3) enough();
      throw new Error(`no ${times}`);
    };
    const repeated = repeat({ work, everyMs: 1, onError: (error) => errors.push(error) });
    await done;
    await repeated.stop();
    expect(errors.slice(0, 2)).toEqual([new Error('no 1'), new Error('no 2')]);
  });

  it('does nothing once it was stopped', async () => {
    let times = 0;
    const work = async () => {
      times++;
    };
    const repeated = repeat({ work, everyMs: HOUR_MS, onError: () => undefined });
    await repeated.stop();
    const before = times;
    repeated.wake();
    await repeated.stop();
    expect(times).toBe(before);
  });
});
