/**
 * Waiting for a condition over state that changes now and then, without leaving anything behind when the wait
 * is given up.
 */
export type Watch = {
  /** Call it after every change. */
  readonly notify: () => void;
  /** Resolves when the condition holds, or the signal fires. */
  readonly until: (condition: () => boolean, signal?: AbortSignal) => Promise<void>;
};

export function createWatch(): Watch {
  const looks = new Set<() => void>();
  return {
    notify: () => {
      for (const look of looks) look();
    },
    until: (condition, signal) =>
      new Promise((done) => {
        const look = (): void => {
          if (!condition() && !signal?.aborted) return;
          looks.delete(look);
          signal?.removeEventListener('abort', look);
          done();
        };
        looks.add(look);
        signal?.addEventListener('abort', look);
        look();
      }),
  };
}
