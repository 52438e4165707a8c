/**
 * How fast an event store answers the real client, and which side pays for it: rates, latencies and the CPU
 * time of client and server for each way of appending and reading.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { type Benchmark, UsageError } from './benchmark.ts';
import { measureBar } from './eventstore/bar.ts';
import { type Figures, measure } from './eventstore/measure.ts';
import { type Round, report, summariseRounds } from './eventstore/report.ts';
import { openServer, type ServerUnderTest } from './eventstore/server.ts';
import { markPosition, STEPS, type StepContext } from './eventstore/steps.ts';
import { machineCpuMs, ownCpuMs } from './support/cpu.ts';
import { describeMachine } from './support/machine.ts';
import { cell } from './support/table.ts';

const FOLDER = resolve(import.meta.dirname, '../.data/bench');
const DEFAULT_ROUNDS = 3;
/** A round is begun only if it should end within this time; the first is always run. */
const BUDGET_MS = 90_000;
/** A server that answers nothing any more is given up after this time. */
const GIVE_UP_MS = 300_000;

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
  const limit = AbortSignal.any([signal, AbortSignal.timeout(GIVE_UP_MS)]);
  const plan = { steps, bar: only.length === 0, rounds };
  let measured: readonly Round[];
  try {
    measured = await Promise.race([measureRounds(server, client, plan, limit), rejectedBy(limit)]);
  } finally {
    await server.close();
    await client.dispose();
  }
  const results = summariseRounds(server.label, machine, measured);
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
  process.stdout.write(`${report(results)}\n\nEvery round is in ${values.json}\n`);
};

/** Ends a wait for a server that may never answer. */
const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

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
    const others = watchOthers(server);
    const context = await contextOf('steps');
    const steps: Figures[] = [];
    for (const step of plan.steps) steps.push(await measure(step, server, context));
    const bar = plan.bar ? await measureBar(server, await contextOf('bar')) : undefined;
    measured.push({ steps, bar, othersCpus: others() });
    process.stderr.write(
      `round ${round + 1} done after ${cell((performance.now() - startedAt) / 1_000)} s\n`,
    );
  }
  return measured;
};

const watchOthers = (server: ServerUnderTest): (() => number) => {
  const othersCpuMs = (): number => machineCpuMs() - ownCpuMs() - (server.cpuMs() ?? 0);
  const startedAt = performance.now();
  const before = othersCpuMs();
  return () => (othersCpuMs() - before) / (performance.now() - startedAt);
};

export const eventstore: Benchmark = {
  name: 'eventstore',
  summary: 'appends, reads and subscriptions through the real client, against devstore or another server',
  usage: [
    '--url URL             a running server (or SEATLOG_TEST_EVENTSTORE_URL); default: an own devstore',
    `--rounds N            at most so many rounds, ${BUDGET_MS / 1_000} s in all (default ${DEFAULT_ROUNDS})`,
    '--only TEXT           only steps whose name holds TEXT (repeat it; reads read what "1000" appends)',
    '--json FILE           where the figures go (default .data/bench/eventstore.json)',
    '--server-profile DIR  writes a CPU profile of the devstore there',
  ],
  run,
};
