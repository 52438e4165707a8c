/**
 * Redis must never make an order late: what buyers wait for is given a short time, and after a few failures
 * in a row nobody asks Redis for a while.
 */
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

const FAILURES_IN_A_ROW = 5;

/** Undefined instead of an error, which goes to `onTrouble` unless Redis is being left alone. */
export type Caution = <T>(work: () => Promise<T>) => Promise<T | undefined>;

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
  // Only what was tried and failed is reported; the breaker refuses the rest before that.
  breaker.onFailure(({ reason }) => {
    onTrouble('error' in reason ? reason.error : new Error('Redis answered what it never should.'));
  });
  return async (work) => {
    // One attempt finds out whether Redis is back; nobody else waits for it.
    if (breaker.state === CircuitState.HalfOpen) return undefined;
    try {
      return await breaker.execute(() => within(timeoutMs, work));
    } catch {
      return undefined;
    }
  };
}

/** Rejects when the work takes longer; the work itself may still happen. */
export function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`Redis did not answer within ${timeoutMs} ms.`));
    // Timers run before what has arrived is read: an answer that was there in time counts, however busy this process is.
    const timer = setTimeout(() => setImmediate(late), timeoutMs);
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
