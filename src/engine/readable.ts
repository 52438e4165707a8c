/**
 * Waits until the read models show an order, as v1 promises its buyers. All orders that wait are asked for in one
 * query at a time, so that a rush of v1 orders is one question after the other and not a thousand.
 */
import type { OrderNumber } from '../domain/shared/ids.ts';

const PAUSE_MS = 10;
const MAX_PER_QUERY = 500;

type Waiting = { readonly untilMs: number; readonly done: (readable: boolean) => void };

export type ReadableDeps = {
  /** Those of the orders that are decided as far as the read models know. */
  readonly decidedAmong: (orders: readonly OrderNumber[]) => Promise<readonly OrderNumber[]>;
  readonly waitMs: number;
  readonly nowMs: () => number;
  readonly sleep: (delayMs: number) => Promise<void>;
};

/** The function resolves to false when it takes longer than `waitMs`; it never rejects. */
export const createUntilReadable = (deps: ReadableDeps): ((order: OrderNumber) => Promise<boolean>) => {
  const waiting = new Map<OrderNumber, Waiting[]>();
  let isAsking = false;

  const settle = (order: OrderNumber, readable: boolean): void => {
    for (const { done } of waiting.get(order) ?? []) done(readable);
    waiting.delete(order);
  };

  const askAll = async (): Promise<void> => {
    isAsking = true;
    while (waiting.size > 0) {
      const asked = [...waiting.keys()].slice(0, MAX_PER_QUERY);
      // A database that does not answer makes the orders late, not wrong.
      const decided = await deps.decidedAmong(asked).catch(() => []);
      for (const order of decided) settle(order, true);
      for (const [order, waiters] of waiting) {
        if (waiters.every(({ untilMs }) => untilMs <= deps.nowMs())) settle(order, false);
      }
      if (waiting.size > 0) await deps.sleep(PAUSE_MS);
    }
    isAsking = false;
  };

  return (order) =>
    new Promise((done) => {
      const waiters = waiting.get(order) ?? [];
      waiters.push({ untilMs: deps.nowMs() + deps.waitMs, done });
      waiting.set(order, waiters);
      if (!isAsking) void askAll();
    });
};
