/**
 * Events per second over the last few seconds, in constant memory, for a state that people look at.
 */
const WINDOW_S = 10;
const SECOND_MS = 1_000;

export type Rate = {
  readonly mark: (count: number) => void;
  readonly perSecond: () => number;
};

export function createRate(monotonicMs: () => number): Rate {
  const counts = new Array<number>(WINDOW_S).fill(0);
  const startedS = Math.floor(monotonicMs() / SECOND_MS);
  let latestS = startedS;
  /** Empties the seconds that have passed unmarked since the last look. */
  const advance = (): void => {
    const nowS = Math.floor(monotonicMs() / SECOND_MS);
    const steps = Math.min(WINDOW_S, nowS - latestS);
    for (let step = 0; step < steps; step += 1) counts[(nowS - step) % WINDOW_S] = 0;
    latestS = nowS;
  };
  return {
    mark: (count) => {
      advance();
      const slot = latestS % WINDOW_S;
      counts[slot] = (counts[slot] ?? 0) + count;
    },
    perSecond: () => {
      advance();
      const elapsedS = Math.min(WINDOW_S, latestS - startedS + 1);
      return counts.reduce((sum, count) => sum + count, 0) / elapsedS;
    },
  };
}
