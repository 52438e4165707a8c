/**
 * The process's order numbers: the pure generator with its state kept, under leases of a worker id. These are renewed
 * behind the orders' backs, so far ahead that a minute without the database is not felt.
 */

import type { OrderNumber, UserId } from '../domain/shared/ids.ts';
import {
  type NumberGenerator,
  type NumberLease,
  nextOrderNumber,
  renewGenerator,
  startGenerator,
} from '../domain/shared/order-number.ts';
import type { Sleep } from './ports.ts';

const SECOND = 1_000;
/**
 * How far beyond the clock the lease is kept. A worker id whose process was killed rests for that long and a window,
 * which costs nothing while one of the 128 has rested; see `docs/adr/0006-order-numbers.md`.
 */
const KEPT_AHEAD_MS = 65 * SECOND;
/** Also the bound of what a clock that jumps can do to the wait. */
const MAX_PAUSE_MS = 5 * SECOND;
const RETRY_MS = SECOND / 2;

export type OrderNumbers = {
  /** Throws NoNumberError. */
  readonly order: (buyer: UserId, nowMs: number) => OrderNumber;
};

/** There is no number to give: no lease, a lease that has ended, or a clock that was set back too far. */
export class NoNumberError extends Error {
  override readonly name = 'NoNumberError';
}

/** Leases of worker ids, as `src/postgres/worker-leases.ts` grants them. */
export type NumberLeases = {
  readonly take: (nowMs: number) => Promise<NumberLease>;
  /** Undefined when the worker id is another's by now. */
  readonly renew: (lease: NumberLease, nowMs: number) => Promise<NumberLease | undefined>;
  readonly handBack: (lease: NumberLease, lastMs: number) => Promise<void>;
};

export type OpenOrderNumbers = OrderNumbers & {
  /** Resolves when there is a first lease, or the numbers were closed before there was one. */
  readonly ready: Promise<void>;
  readonly state: () => {
    readonly workerId: number | undefined;
    /** Numbers can be given until then, whatever happens to the database. */
    readonly untilMs: number | undefined;
    readonly lastError: string | undefined;
  };
  /** Gives no more numbers, and gives back the time that is left. */
  readonly stop: () => Promise<void>;
};

export const openOrderNumbers = (deps: {
  readonly leases: NumberLeases;
  readonly nowMs: () => number;
  readonly sleep: Sleep;
}): OpenOrderNumbers => {
  const { leases, nowMs, sleep } = deps;
  const stopping = new AbortController();
  const numbers = createNumbers();
  let lease: NumberLease | undefined;
  let lastError: string | undefined;
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((done) => {
    onReady = done;
  });

  const isFarEnough = (): boolean => lease !== undefined && lease.untilMs - nowMs() >= KEPT_AHEAD_MS;

  const extend = async (): Promise<void> => {
    // What was granted stays good to its end, even where the worker id goes to another behind it.
    const next = (lease && (await leases.renew(lease, nowMs()))) ?? (await leases.take(nowMs()));
    numbers.goOnIn(next);
    lease = next;
    onReady();
  };

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        while (!isFarEnough() && !stopping.signal.aborted) await extend();
        lastError = undefined;
        const spareMs = (lease?.untilMs ?? 0) - nowMs() - KEPT_AHEAD_MS;
        await sleep(Math.min(Math.max(spareMs, RETRY_MS), MAX_PAUSE_MS), stopping.signal);
      } catch (error) {
        lastError = error instanceof Error ? error.message : String(error);
        await sleep(RETRY_MS, stopping.signal);
      }
    }
  };

  const kept = keep();
  return {
    order: numbers.order,
    ready,
    state: () => ({ workerId: lease?.workerId, untilMs: lease?.untilMs, lastError }),
    stop: async () => {
      stopping.abort();
      onReady();
      await kept;
      const lastMs = numbers.close();
      // Time that cannot be given back passes by itself.
      if (lease !== undefined && lastMs !== undefined)
        await leases.handBack(lease, lastMs).catch(() => undefined);
    },
  };
};

/** Numbers of one lease that nobody renews. */
export const createOrderNumbers = (lease: NumberLease): OrderNumbers => {
  const numbers = createNumbers();
  numbers.goOnIn(lease);
  return { order: numbers.order };
};

const createNumbers = () => {
  let generator: NumberGenerator | undefined;
  return {
    order: (buyer: UserId, nowMs: number): OrderNumber => {
      if (generator === undefined) throw new NoNumberError('No number to give: there is no lease.');
      const numbered = nextOrderNumber(generator, buyer, nowMs);
      if (numbered.kind === 'refused') throw new NoNumberError(`No number to give: ${numbered.code}.`);
      generator = numbered.generator;
      return numbered.number;
    },
    goOnIn: (lease: NumberLease): void => {
      generator = generator === undefined ? startGenerator(lease) : renewGenerator(generator, lease);
    },
    /** The last time that a number may carry; undefined when there was never a lease. */
    close: (): number | undefined => {
      const lastMs = generator?.lastMs;
      generator = undefined;
      return lastMs;
    },
  };
};
