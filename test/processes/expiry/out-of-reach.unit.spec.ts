/** Expiry while a sale, or the whole log, is out of reach: others are ended meanwhile, and all of them afterwards. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SaleOutcome } from '../../../src/domain/sale/index.ts';
import { orderNumberSchema, type ProgramId, programIdSchema } from '../../../src/domain/shared/ids.ts';
import type { Due } from '../../../src/processes/expiry/flow.ts';
import { type Expiry, startExpiry } from '../../../src/processes/expiry/index.ts';
import { until } from '../../support/until.ts';

const BROKEN = programIdSchema.parse('broken');
const SOUND = programIdSchema.parse('sound');
const START_MS = 1_000_000;

const orders = (programId: ProgramId, count: number, dueAtMs: number): Due[] =>
  Array.from({ length: count }, (_, index) => ({
    ...({ programId, kind: 'order', dueAtMs } as const),
    orderNumber: orderNumberSchema.parse(String(dueAtMs * 1_000_000 + index + 1)),
  }));

const turnOfOthers = (): Promise<void> => new Promise((done) => setImmediate(done));

/** A read model that follows at once, and a clock that goes on by itself only while expiry sleeps. */
function world(due: readonly Due[], refuses: (programId: ProgramId) => boolean, refusalMs: number) {
  const left = new Set(due);
  const clock = { nowMs: START_MS };
  const looks = { count: 0 };
  const expiry: Expiry = startExpiry({
    dueDeadlines: async (nowMs, limit, except) => {
      looks.count++;
      await turnOfOthers();
      return [...left]
        .filter((one) => one.dueAtMs <= nowMs && !except.includes(one.programId))
        .slice(0, limit);
    },
    nextDeadlineMs: async () => [...left][0]?.dueAtMs,
    submit: async (programId, command): Promise<SaleOutcome> => {
      if (command.type !== 'ExpireOrder') throw new Error('Only orders are due.');
      const { orderNumber } = command;
      if (refuses(programId)) {
        clock.nowMs += refusalMs;
        throw new Error(`${programId} is out of reach`);
      }
      for (const one of left) {
        if (one.kind !== 'order' || one.orderNumber !== orderNumber) continue;
        left.delete(one);
        break;
      }
      return { kind: 'order_expired', orderNumber };
    },
    nowMs: () => clock.nowMs,
    sleep: async (delayMs) => {
      clock.nowMs += delayMs;
      await turnOfOthers();
    },
  });
  onTestFinished(() => expiry.stop());
  return { expiry, left, looks };
}

describe('expiry', () => {
  it('lets no sale wait behind one that is out of reach, however much of that is overdue for longer', async () => {
    const due = [...orders(BROKEN, 2_000, 1), ...orders(SOUND, 3, 2)];
    const { expiry, looks } = world(due, (programId) => programId === BROKEN, 20);
    await until('it has looked often', () => looks.count > 20 || expiry.state().ended === 3);
    expect(expiry.state()).toMatchObject({ ended: 3, lastError: 'broken is out of reach' });
    expect(expiry.state().due).toBeGreaterThan(0);
  });

  it('ends everything once the log is back, however much came due meanwhile', async () => {
    const outage = { isOver: false };
    const { expiry, left, looks } = world(orders(BROKEN, 21_000, 1), () => !outage.isOver, 0);
    await until('it has tried for long', () => looks.count > 60);
    outage.isOver = true;
    await until('all have ended', () => left.size === 0 || looks.count > 1_000);
    expect(left.size).toBe(0);
    expect(expiry.state().lastError).toBeUndefined();
  });
});
