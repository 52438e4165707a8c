/**
 * Redis must never make an order late: what buyers wait for is given a short time, and after a few failures in a
 * row nobody asks Redis for a while.
 */
import { ConsecutiveBreaker, circuitBreaker, handleAll, TimeoutStrategy, timeout, wrap } from 'cockatiel';

const FAILURES_IN_A_ROW = 5;

export type Caution = {
  /** Undefined instead of an error, which goes to `onTrouble` unless the circuit was open already. */
  readonly attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>;
  readonly isOpen: () => boolean;
};

export type CautionOptions = {
  readonly timeoutMs: number;
  /** How long Redis is left alone after it failed. */
  readonly pauseMs: number;
  readonly onTrouble: (error: Error) => void;
};

export function createCaution({ timeoutMs, pauseMs, onTrouble }: CautionOptions): Caution {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: pauseMs,
    breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
  });
  let isOpen = false;
  breaker.onBreak(() => {
    isOpen = true;
  });
  breaker.onReset(() => {
    isOpen = false;
  });
  const policy = wrap(breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));
  return {
    isOpen: () => isOpen,
    attempt: async (work) => {
      const wasOpen = isOpen;
      try {
        return await policy.execute(work);
      } catch (error) {
        if (!wasOpen) onTrouble(error instanceof Error ? error : new Error(String(error)));
        return undefined;
      }
    },
  };
}

/** Rejects when the work takes longer; the work itself may still happen. */
export function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  return timeout(timeoutMs, TimeoutStrategy.Aggressive).execute(work);
}
