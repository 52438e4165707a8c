/** One step, measured: its time, the CPU time of both sides, and how long single operations took. */
import { createHistogram } from 'node:perf_hooks';
import { ownCpuMs } from '../support/cpu.ts';
import { medianOf } from '../support/statistics.ts';
import type { ServerUnderTest } from './server.ts';
import type { Step, StepContext } from './steps.ts';

export type Figures = {
  readonly name: string;
  readonly unit: Step['unit'];
  readonly count: number;
  readonly perSecond: number;
  readonly clientCpuMs: number;
  readonly serverCpuMs: number | undefined;
  /** Latencies in ms, where the step is made of single operations. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
};

const MICROS_PER_MS = 1_000;

export const measure = async (
  step: Step,
  server: ServerUnderTest,
  context: Omit<StepContext, 'onLatencyMs'>,
): Promise<Figures> => {
  const latencies = createHistogram();
  const onLatencyMs = (latencyMs: number): void =>
    latencies.record(Math.max(1, Math.round(latencyMs * MICROS_PER_MS)));
  const serverBefore = server.cpuMs();
  const clientBefore = ownCpuMs();
  const startedAt = performance.now();
  await step.run({ ...context, onLatencyMs }, step.count);
  const elapsedMs = performance.now() - startedAt;
  const clientCpuMs = ownCpuMs() - clientBefore;
  const serverAfter = server.cpuMs();
  const latencyMs = (micros: number): number | undefined =>
    latencies.count === 0 ? undefined : micros / MICROS_PER_MS;
  return {
    name: step.name,
    unit: step.unit,
    count: step.count,
    perSecond: (step.count / elapsedMs) * 1_000,
    clientCpuMs,
    serverCpuMs:
      serverBefore === undefined || serverAfter === undefined ? undefined : serverAfter - serverBefore,
    p50Ms: latencyMs(latencies.percentile(50)),
    p99Ms: latencyMs(latencies.percentile(99)),
    maxMs: latencyMs(latencies.max),
  };
};

/** The medians of the same step over several rounds; each figure is a median of its own. */
export const summarise = (rounds: readonly Figures[]): Figures => {
  const [first] = rounds;
  if (first === undefined) throw new RangeError('a step without a round');
  return {
    name: first.name,
    unit: first.unit,
    count: first.count,
    perSecond: medianOf(rounds, (round) => round.perSecond) ?? 0,
    clientCpuMs: medianOf(rounds, (round) => round.clientCpuMs) ?? 0,
    serverCpuMs: medianOf(rounds, (round) => round.serverCpuMs),
    p50Ms: medianOf(rounds, (round) => round.p50Ms),
    p99Ms: medianOf(rounds, (round) => round.p99Ms),
    maxMs: medianOf(rounds, (round) => round.maxMs),
  };
};
