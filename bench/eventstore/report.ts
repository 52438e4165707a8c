/** Several rounds as one result, and the result as a table for people. */
import type { Machine } from '../support/machine.ts';
import { median } from '../support/statistics.ts';
import { cell, formatTable } from '../support/table.ts';
import { type Bar, summariseBar } from './bar.ts';
import { type Figures, summarise } from './measure.ts';

export type Round = {
  readonly steps: readonly Figures[];
  readonly bar: Bar | undefined;
  /** Processors' worth of CPU that neither client nor server used: well above 0, the rates are too low. */
  readonly othersCpus: number;
};

type Results = {
  readonly server: string;
  readonly machine: Machine;
  readonly steps: readonly Figures[];
  readonly bar: Omit<Bar, 'steps'> | undefined;
  readonly othersCpus: number;
  readonly rounds: readonly Round[];
};

export const summariseRounds = (server: string, machine: Machine, rounds: readonly Round[]): Results => {
  const ofStep = (index: number): readonly Figures[] => rounds.flatMap(({ steps }) => steps[index] ?? []);
  const bars = rounds.flatMap(({ bar }) => bar ?? []);
  return {
    server,
    machine,
    steps: rounds[0]?.steps.map((_, index) => summarise(ofStep(index))) ?? [],
    bar: bars.length === 0 ? undefined : summariseBar(bars),
    othersCpus: median(rounds.map((round) => round.othersCpus)),
    rounds,
  };
};

export const report = ({ server, machine, steps, bar, othersCpus, rounds }: Results): string => {
  const header = [
    'step',
    'count',
    'per second',
    'client CPU ms',
    'server CPU ms',
    'p50 ms',
    'p99 ms',
    'max ms',
  ];
  const rows = steps.map((step) => [
    step.name,
    `${step.count} ${step.unit}`,
    cell(step.perSecond),
    cell(step.clientCpuMs),
    cell(step.serverCpuMs),
    ...[step.p50Ms, step.p99Ms, step.maxMs].map((latencyMs) => cell(latencyMs, 2)),
  ]);
  return [
    `${server}; medians of ${rounds.length} round${rounds.length === 1 ? '' : 's'}`,
    `${machine.cpus} × ${machine.cpuModel}, ${machine.memoryMib} MiB,`,
    `${machine.system}, Node ${machine.node},`,
    `write and fsync of 4 KiB ${machine.fsyncMicros} µs; others used ${cell(othersCpus, 2)} CPUs meanwhile`,
    '',
    formatTable(header, rows),
    ...(bar === undefined ? [] : ['', reportBar(bar)]),
  ].join('\n');
};

const reportBar = ({ clientCpuMs, serverCpuMs, ratio }: Omit<Bar, 'steps'>): string =>
  `55,000 appends and 60,000 events read: client CPU ${cell(clientCpuMs)} ms, server CPU ` +
  `${cell(serverCpuMs)} ms, server by client ${cell(ratio, 2)}`;
