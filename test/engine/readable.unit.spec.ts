/** Waiting for the read models: all at once, no longer than allowed, and never failing the order. */
import { describe, expect, it } from 'vitest';
import { type OrderNumber, orderNumberSchema } from '../../src/domain/shared/ids.ts';
import { createUntilReadable } from '../../src/engine/readable.ts';

const orders = Array.from({ length: 30 }, (_, nth) => orderNumberSchema.parse(String(nth + 1)));
const FIRST = orderNumberSchema.parse('1');

/** A clock that only sleeping moves, so that nothing here takes time. */
function clock() {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (delayMs: number) => {
      nowMs += delayMs;
    },
  };
}

describe('an order that is to be readable', () => {
  it('is waited for until it is, together with all others', async () => {
    const questions: number[] = [];
    const untilReadable = createUntilReadable({
      ...clock(),
      waitMs: 1_000,
      decidedAmong: async (asked) => {
        questions.push(asked.length);
        return questions.length < 3 ? [] : asked;
      },
    });
    expect(await Promise.all(orders.map(untilReadable))).toEqual(orders.map(() => true));
    expect(questions).toEqual([1, orders.length, orders.length]);
  });

  it('is given up after the time there is', async () => {
    const untilReadable = createUntilReadable({ ...clock(), waitMs: 100, decidedAmong: async () => [] });
    expect(await untilReadable(FIRST)).toBe(false);
  });

  it('is late, not refused, where the read models do not answer', async () => {
    const decidedAmong = (): Promise<OrderNumber[]> => Promise.reject(new Error('away'));
    const untilReadable = createUntilReadable({ ...clock(), waitMs: 100, decidedAmong });
    expect(await untilReadable(FIRST)).toBe(false);
  });
});
