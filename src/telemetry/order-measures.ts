/**
 * How many orders this process has answered and how long each took, by mode and outcome: through the OpenTelemetry API
 * for whoever has registered a provider before the start, and kept here for whoever asks the engine itself.
 */
import { type Attributes, type Meter, metrics } from '@opentelemetry/api';
import { build, type Histogram } from 'hdr-histogram-js';
import type { DispatchMode } from '../domain/shared/dispatch-mode.ts';

const SECOND_MS = 1_000;
const US_PER_MS = 1_000;
/** Ten minutes; what takes longer counts as that. */
const HIGHEST_US = 600_000_000;
/** To a hundredth; each pair of mode and outcome keeps three histograms of some 20 KB. */
const SIGNIFICANT_DIGITS = 2;
/** What is recent began one or two of these ago. */
const WINDOW_MS = 30 * SECOND_MS;

export const orderAttribute = { mode: 'seatlog.mode', outcome: 'seatlog.outcome' } as const;

/** Milliseconds; all 0 where nothing was counted. */
export type Latency = {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

export type Measured = { readonly count: number; readonly latencyMs: Latency };

export type OrdersMeasured = {
  readonly sinceMs: number;
  /** Where what is recent begins: half a minute to a minute ago. */
  readonly recentSinceMs: number;
  readonly orders: readonly (Measured & {
    readonly mode: DispatchMode;
    readonly outcome: string;
    readonly recent: Measured;
  })[];
};

export type OrderMeasures = {
  /** `outcome` is one of few: `placed`, `queued`, a refusal's code, or why it failed. */
  readonly record: (mode: DispatchMode, outcome: string, tookMs: number) => void;
  /** In the order of modes and outcomes. */
  readonly report: () => OrdersMeasured;
};

/** A pair of mode and outcome. The window is the number of the one that `recent` counts in. */
type Series = {
  readonly mode: DispatchMode;
  readonly outcome: string;
  readonly attributes: Attributes;
  readonly total: Histogram;
  recent: Histogram;
  former: Histogram;
  window: number;
};

export const createOrderMeasures = (
  nowMs: () => number,
  meter: Meter = metrics.getMeter('seatlog.orders'),
): OrderMeasures => {
  const sinceMs = nowMs();
  const byMode = new Map<DispatchMode, Map<string, Series>>();
  const counter = meter.createCounter('seatlog.orders', { description: 'Orders answered.' });
  const duration = meter.createHistogram('seatlog.order.duration', {
    description: 'From an order’s dispatch to its answer.',
    unit: 'ms',
  });
  const windowNow = (): number => Math.floor(nowMs() / WINDOW_MS);

  const seriesOf = (mode: DispatchMode, outcome: string): Series => {
    const outcomes = byMode.get(mode) ?? new Map<string, Series>();
    byMode.set(mode, outcomes);
    const series = outcomes.get(outcome) ?? newSeries(mode, outcome, windowNow());
    outcomes.set(outcome, series);
    return series;
  };

  return {
    record: (mode, outcome, tookMs) => {
      const series = byMode.get(mode)?.get(outcome) ?? seriesOf(mode, outcome);
      const us = Math.min(Math.max(1, Math.round(tookMs * US_PER_MS)), HIGHEST_US);
      turnTo(series, windowNow());
      series.total.recordValue(us);
      series.recent.recordValue(us);
      counter.add(1, series.attributes);
      duration.record(tookMs, series.attributes);
    },
    report: () => {
      const window = windowNow();
      const all = [...byMode.values()].flatMap((outcomes) => [...outcomes.values()]);
      all.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
      const orders = all.map((series) => {
        turnTo(series, window);
        const { mode, outcome, total, former, recent } = series;
        const lately = newHistogram();
        lately.add(former);
        lately.add(recent);
        return { mode, outcome, ...measured(total), recent: measured(lately) };
      });
      return { sinceMs, recentSinceMs: Math.max(sinceMs, (window - 1) * WINDOW_MS), orders };
    },
  };
};

const newHistogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  });

const newSeries = (mode: DispatchMode, outcome: string, window: number): Series => ({
  mode,
  outcome,
  attributes: { [orderAttribute.mode]: mode, [orderAttribute.outcome]: outcome },
  total: newHistogram(),
  recent: newHistogram(),
  former: newHistogram(),
  window,
});

/** A clock that is set back is a window of its own. */
const turnTo = (series: Series, window: number): void => {
  if (series.window === window) return;
  const { recent, former } = series;
  if (window !== series.window + 1) recent.reset();
  former.reset();
  series.former = recent;
  series.recent = former;
  series.window = window;
};

const nameOf = ({ mode, outcome }: Series): string => `${mode} ${outcome}`;

const measured = (histogram: Histogram): Measured => {
  const count = histogram.totalCount;
  const at = (percentile: number): number =>
    count === 0 ? 0 : histogram.getValueAtPercentile(percentile) / US_PER_MS;
  return { count, latencyMs: { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) } };
};
