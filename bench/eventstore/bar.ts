/**
 * The bar: on 55,000 appends and 60,000 events read, the server's process has to use less CPU than the
 * client's. Half of the events are read from `$all`, half come by a subscription.
 */
import { medianOf } from '../support/statistics.ts';
import { type Figures, measure } from './measure.ts';
import type { ServerUnderTest } from './server.ts';
import { appendInFlight, readAll, type Step, type StepContext, subscribe } from './steps.ts';

const BAR_STEPS: readonly Step[] = [
  { name: 'bar: 55,000 appends', count: 55_000, unit: 'appends', run: appendInFlight },
  { name: 'bar: 30,000 events read', count: 30_000, unit: 'events', run: readAll },
  { name: 'bar: 30,000 events subscribed', count: 30_000, unit: 'events', run: subscribe },
];

export type Bar = {
  readonly steps: readonly Figures[];
  readonly clientCpuMs: number;
  readonly serverCpuMs: number | undefined;
  /** Server by client: below 1, the server is not the bottleneck. */
  readonly ratio: number | undefined;
};

export const measureBar = async (
  server: ServerUnderTest,
  context: Omit<StepContext, 'onLatencyMs'>,
): Promise<Bar> => {
  const steps: Figures[] = [];
  for (const step of BAR_STEPS) steps.push(await measure(step, server, context));
  const clientCpuMs = steps.reduce((sum, step) => sum + step.clientCpuMs, 0);
  const serverCpuMs =
    server.cpuMs() === undefined
      ? undefined
      : steps.reduce((sum, { serverCpuMs: cpuMs }) => sum + (cpuMs ?? Number.NaN), 0);
  const ratio = serverCpuMs === undefined ? undefined : serverCpuMs / clientCpuMs;
  return { steps, clientCpuMs, serverCpuMs, ratio };
};

export const summariseBar = (rounds: readonly Bar[]): Omit<Bar, 'steps'> => ({
  clientCpuMs: medianOf(rounds, (round) => round.clientCpuMs) ?? 0,
  serverCpuMs: medianOf(rounds, (round) => round.serverCpuMs),
  ratio: medianOf(rounds, (round) => round.ratio),
});
