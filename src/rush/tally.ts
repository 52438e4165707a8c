/** What a crowd met, counted. */
import { createLatencies, type Percentiles } from './latencies.ts';

export type Tally = ReturnType<typeof createTally>;

/** Times are of `performance.now()`. */
export function createTally(seats: number) {
  const refused = new Map<string, number>();
  const errors = new Map<string, number>();
  const answers = createLatencies();
  const decisions = createLatencies();
  const counts = {
    ...{ requests: 0, accepted: 0, queued: 0, tickets: 0, retries: 0, lost: 0, unseen: 0 },
    ...{ paid: 0, cancelled: 0, left: 0 },
  };
  let startedAtMs = 0;
  let endedAtMs = 0;
  let lastAcceptedAtMs = 0;
  let soldOutAtMs: number | undefined;
  const add = (to: Map<string, number>, code: string): void => {
    to.set(code, (to.get(code) ?? 0) + 1);
  };
  return {
    counts,
    start: (nowMs: number) => {
      startedAtMs = nowMs;
    },
    end: (nowMs: number) => {
      endedAtMs = nowMs;
    },
    answered: (tookMs: number) => answers.record(tookMs),
    decided: (tookMs: number) => decisions.record(tookMs),
    accepted: (tickets: number, nowMs: number) => {
      counts.accepted += 1;
      counts.tickets += tickets;
      lastAcceptedAtMs = nowMs;
      if (counts.tickets >= seats) soldOutAtMs ??= nowMs;
    },
    refused: (code: string) => add(refused, code),
    failed: (code: string) => add(errors, code),
    report: () => reportOf(),
  };

  function reportOf(): TallyReport {
    const stampedeMs = endedAtMs - startedAtMs;
    const perSecond = (count: number, overMs: number): number => (overMs > 0 ? (count * 1_000) / overMs : 0);
    return {
      ...counts,
      refused: sorted(refused),
      errors: sorted(errors),
      stampedeMs,
      answeredPerSecond: perSecond(answers.count(), stampedeMs),
      acceptedPerSecond: perSecond(counts.accepted, lastAcceptedAtMs - startedAtMs),
      soldOutAfterMs: soldOutAtMs === undefined ? null : soldOutAtMs - startedAtMs,
      latencyMs: answers.measured(),
      correctedLatencyMs: answers.corrected(),
      decisionLatencyMs: decisions.count() === 0 ? null : decisions.measured(),
    };
  }
}

export type TallyReport = {
  readonly requests: number;
  readonly accepted: number;
  readonly queued: number;
  readonly tickets: number;
  /** Requests sent again because the engine was busy. */
  readonly retries: number;
  /** Requests sent again because no answer came. */
  readonly lost: number;
  /** Payments, cancellations and questions that were repeated because no read model had the order yet. */
  readonly unseen: number;
  readonly paid: number;
  readonly cancelled: number;
  /** Accepted orders that their buyers left to expire. */
  readonly left: number;
  /** By code, the most frequent first. */
  readonly refused: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly stampedeMs: number;
  /** First answers of any kind, over the whole stampede. */
  readonly answeredPerSecond: number;
  /** Accepted orders, over the time until the last of them. */
  readonly acceptedPerSecond: number;
  /** Until as many tickets were given out as there were seats. */
  readonly soldOutAfterMs: number | null;
  readonly latencyMs: Percentiles;
  readonly correctedLatencyMs: Percentiles;
  /** From the request of a queued order to its decision being seen. */
  readonly decisionLatencyMs: Percentiles | null;
};

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}
