/**
 * Clock, waiting and chance as one argument, so that back-off and time-outs can be tested without waiting for
 * them.
 */

export type Timing = {
  /** Milliseconds since some fixed moment, never going back. */
  readonly monotonicMs: () => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Resolves after the delay, or at once when the signal fires. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
};

export const systemTiming: Timing = {
  monotonicMs: () => performance.now(),
  random: Math.random,
  sleep: (delayMs, signal) =>
    new Promise((done) => {
      if (signal?.aborted) return done();
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        done();
      };
      const timer = setTimeout(wake, delayMs);
      signal?.addEventListener('abort', wake);
    }),
};

/**
 * Settles as `work` does, or rejects with what `onTimeout` makes when that takes longer. The work itself goes
 * on: whoever starts it must be able to bear its late end.
 */
export function withTimeout<T>(work: Promise<T>, timeoutMs: number, onTimeout: () => Error): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(onTimeout()), Math.max(0, timeoutMs));
    work.then(
      (value) => {
        clearTimeout(timer);
        done(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        fail(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
