/**
 * What GetInfo tells about pace: messages counted since the start and since the last look, and response
 * times.
 */

/** Response times kept for each consumer: enough for the percentiles, and bounded. */
const MAX_OBSERVATIONS = 1_000;
const SECOND_MS = 1_000;

export type Measurements = {
  readonly countItem: () => void;
  readonly observeMs: (responseMs: number) => void;
  readonly totalItems: () => number;
  readonly averagePerSecond: () => number;
  /** Items since the last call of this. */
  readonly takeSinceLast: () => number;
  /** Milliseconds by the contract's names; empty while nothing was observed. */
  readonly observed: () => ReadonlyMap<string, number>;
};

export const startMeasuring = (nowMs: () => number): Measurements => {
  const startedAtMs = nowMs();
  const responsesMs: number[] = [];
  let total = 0;
  let lastTotal = 0;
  let observations = 0;
  return {
    countItem: () => {
      total++;
    },
    observeMs: (responseMs) => {
      responsesMs[observations++ % MAX_OBSERVATIONS] = responseMs;
    },
    totalItems: () => total,
    averagePerSecond: () => Math.round((total * SECOND_MS) / Math.max(SECOND_MS, nowMs() - startedAtMs)),
    takeSinceLast: () => {
      const since = total - lastTotal;
      lastTotal = total;
      return since;
    },
    observed: () => summaryOf(responsesMs),
  };
};

const PERCENTILES = [
  ['Quintile 1', 20],
  ['Quintile 2', 40],
  ['Quintile 3', 60],
  ['Quintile 4', 80],
  ['Quintile 5', 100],
  ['90%', 90],
  ['95%', 95],
  ['99%', 99],
  ['99.5%', 99.5],
  ['99.9%', 99.9],
  ['Highest', 100],
] as const;

const summaryOf = (valuesMs: readonly number[]): ReadonlyMap<string, number> => {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (percent: number): number => {
    const index = Math.ceil((percent / 100) * sorted.length) - 1;
    return Math.round(sorted[Math.max(0, index)] ?? 0);
  };
  if (sorted.length === 0) return new Map();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return new Map([
    ['Mean', Math.round(mean)],
    ['Median', at(50)],
    ['Fastest', at(0)],
    ...PERCENTILES.map(([name, percent]): [string, number] => [name, at(percent)]),
  ]);
};
