/** Latencies of a closed loop, as they were and corrected for what a closed loop does not see. */
import { build, type Histogram } from 'hdr-histogram-js';

const US_PER_MS = 1_000;
/** Ten minutes; longer ones count as that. */
const HIGHEST_US = 600_000_000;
const SIGNIFICANT_DIGITS = 3;

/** Milliseconds. */
export type Percentiles = {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

export type Latencies = {
  readonly record: (ms: number) => void;
  readonly count: () => number;
  readonly measured: () => Percentiles;
  /**
   * A closed loop sends nothing while it waits, so a stall shows in few samples. Here every wait beyond
   * the mean counts as the requests that would have been sent meanwhile, one after the other, at the
   * mean.
   */
  readonly corrected: () => Percentiles;
};

export function createLatencies(): Latencies {
  const histogram = build({
    ...{ lowestDiscernibleValue: 1, highestTrackableValue: HIGHEST_US },
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  });
  return {
    record: (ms) => histogram.recordValue(Math.min(Math.max(1, Math.round(ms * US_PER_MS)), HIGHEST_US)),
    count: () => histogram.totalCount,
    measured: () => percentilesOf(histogram),
    corrected: () => {
      if (histogram.totalCount === 0) return percentilesOf(histogram);
      const copy = build({
        ...{ lowestDiscernibleValue: 1, highestTrackableValue: HIGHEST_US },
        numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
      });
      copy.addWhileCorrectingForCoordinatedOmission(histogram, Math.ceil(histogram.mean));
      return percentilesOf(copy);
    },
  };
}

function percentilesOf(histogram: Histogram): Percentiles {
  const at = (percentile: number): number =>
    histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(percentile) / US_PER_MS;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) };
}
