/**
 * How fast an event store answers the real client, and which side pays for it: rates, latencies and the CPU
 * time of client and server for each way of appending and reading.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { type Benchmark, UsageError } from './benchmark.ts';
import { type Bar, measureBar, summariseBar } from './eventstore/bar.ts';
import { type Figures, measure, summarise } from './eventstore/measure.ts';
import { openServer, type ServerUnderTest } from './eventstore/server.ts';
import { markPosition, STEPS, type StepContext } from './eventstore/steps.ts';
import { describeMachine, type Machine } from './support/machine.ts';
import { cell, formatTable } from './support/table.ts';

const FOLDER = resolve(import.meta.dirname, '../.data/bench');
const DEFAULT_ROUNDS = 3;
/** A round is begun only if it should end within this time; the first is always run. */
const BUDGET_MS = 90_000;

type Round = { readonly steps: readonly Figures[]; readonly bar: Bar | undefined };

type Results = {
  readonly server: string;
  readonly machine: Machine;
  readonly steps: readonly Figures[];
  readonly bar: Omit<Bar, 'steps'> | undefined;
  readonly rounds: readonly Round[];
};

const run: Benchmark['run'] = async (args, signal) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string', default: resolve(FOLDER, 'eventstore.json') },
      'server-profile': { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError('--rounds is a whole number, 1 or more.');
  const { only } = values;
  const steps = STEPS.filter(({ name }) => only.length === 0 || only.some((text) => name.includes(text)));
  if (steps.length === 0) throw new UsageError('--only names no step.');

  mkdirSync(FOLDER, { recursive: true });
  const machine = describeMachine(FOLDER);
  const server = await openServer({
    url: values.url ?? process.env['SEATLOG_TEST_EVENTSTORE_URL'],
    folder: FOLDER,
    profileFolder: values['server-profile'],
  });
  const client = EventStoreDBClient.connectionString(server.url);
  try {
    const plan = { steps, bar: only.length === 0, rounds };
    const measured = await measureRounds(server, client, plan, signal);
    const results = summariseRounds(server.label, machine, measured);
    process.stdout.write(`${report(results)}\n`);
    mkdirSync(dirname(values.json), { recursive: true });
    writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
    process.stdout.write(`\nEvery round is in ${values.json}\n`);
  } finally {
    await client.dispose();
    await server.close();
  }
};

type Plan = { readonly steps: typeof STEPS; readonly bar: boolean; readonly rounds: number };

const measureRounds = async (
  server: ServerUnderTest,
  client: EventStoreDBClient,
  plan: Plan,
  signal: AbortSignal,
): Promise<readonly Round[]> => {
  const contextOf = async (round: string): Promise<Omit<StepContext, 'onLatencyMs'>> => {
    const startedAt = await markPosition(client);
    return { client, round: `${startedAt.commit}-${round}`, startedAt, signal };
  };
  const measured: Round[] = [];
  const startedAt = performance.now();
  for (let round = 0; round < plan.rounds; round++) {
    const elapsedMs = performance.now() - startedAt;
    if (round > 0 && elapsedMs + elapsedMs / round > BUDGET_MS) break;
    const context = await contextOf('steps');
    const steps: Figures[] = [];
    for (const step of plan.steps) steps.push(await measure(step, server, context));
    const bar = plan.bar ? await measureBar(server, await contextOf('bar')) : undefined;
    measured.push({ steps, bar });
    process.stderr.write(
      `round ${round + 1} done after ${cell((performance.now() - startedAt) / 1_000)} s\n`,
    );
  }
  return measured;
};

const summariseRounds = (server: string, machine: Machine, rounds: readonly Round[]): Results => {
  const ofStep = (index: number): readonly Figures[] => rounds.flatMap(({ steps }) => steps[index] ?? []);
  const bars = rounds.flatMap(({ bar }) => bar ?? []);
  return {
    server,
    machine,
    steps: rounds[0]?.steps.map((_, index) => summarise(ofStep(index))) ?? [],
    bar: bars.length === 0 ? undefined : summariseBar(bars),
    rounds,
  };
};

const report = ({ server, machine, steps, bar, rounds }: Results): string => {
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
    `${server}; medians of ${rounds.length} rounds`,
    `${machine.cpus} × ${machine.cpuModel}, ${machine.memoryMib} MiB, ${machine.system}, Node ${machine.node},`,
    `load before ${machine.loadBefore}, write and fsync of 4 KiB ${machine.fsyncMicros} µs`,
    '',
    formatTable(header, rows),
    ...(bar === undefined ? [] : ['', reportBar(bar)]),
  ].join('\n');
};

const reportBar = ({ clientCpuMs, serverCpuMs, ratio }: Omit<Bar, 'steps'>): string =>
  `55,000 appends and 60,000 events read: client CPU ${cell(clientCpuMs)} ms, server CPU ` +
  `${cell(serverCpuMs)} ms, server by client ${cell(ratio, 2)}`;

export const eventstore: Benchmark = {
  name: 'eventstore',
  summary: 'appends, reads and subscriptions through the real client, against devstore or another server',
  usage: [
    '--url URL             a running server (also SEATLOG_TEST_EVENTSTORE_URL); default: a devstore of its own',
    `--rounds N            at most so many rounds, ${BUDGET_MS / 1_000} s in all (default ${DEFAULT_ROUNDS})`,
    '--only TEXT           only steps whose name holds TEXT (repeat it; reads read what "1000" appends)',
    '--json FILE           where the figures go (default .data/bench/eventstore.json)',
    '--server-profile DIR  writes a CPU profile of the devstore there',
  ],
  run,
};
