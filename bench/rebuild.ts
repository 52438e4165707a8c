/**
 * How fast read models are built anew from the log of a flash sale, held against what the event store's client alone reads
 * of it in the same run.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { engineCodec, streamPrefixes } from '../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../src/eventstore/index.ts';
import { openPostgres } from '../src/postgres/pool.ts';
import { isPostgresUnavailable } from '../src/postgres/unavailable.ts';
import { createSqlRebuildables } from '../src/projections/builds/sql-rebuildable.ts';
import { ensureCheckpoints } from '../src/projections/checkpoint.ts';
import { createProjections } from '../src/projections/registry.ts';
import { endOfLog } from '../src/rebuild/log-pages.ts';
import type { Rebuildable, RebuildProgress } from '../src/rebuild/rebuildable.ts';
import { type Benchmark, UsageError } from './benchmark.ts';
import { openServer, type ServerUnderTest } from './eventstore/server.ts';
import { type DatabaseUnderTest, openDatabase } from './projections/database.ts';
import { type ClientAlone, openClientAlone } from './rebuild/client-alone.ts';
import { type Figures, type Meters, measure } from './rebuild/measure.ts';
import { describeMachine } from './support/machine.ts';
import { median, medianOf } from './support/statistics.ts';
import { cell, formatTable } from './support/table.ts';

const FOLDER = join('.data', 'bench');
const MAKE_LOG = fileURLToPath(new URL('./rebuild/make-log.ts', import.meta.url));
const MS_PER_SECOND = 1_000;
const BUILD_MAX_CONNECTIONS = 4;

const run: Benchmark['run'] = async (args, signal) => {
  const options = {
    events: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    projection: { type: 'string', multiple: true },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [events, rounds] = [Number(values.events), Number(values.rounds)];
  if (!(events > 0 && rounds > 0))
    throw new UsageError('--events and --rounds are whole numbers, 1 or more.');
  const known = createProjections().map(({ name }) => name);
  const wanted = values.projection ?? known;
  const stranger = wanted.find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new UsageError(`There is no projection ${stranger}: ${known.join(', ')}.`);

  const server = await openServer({ url: undefined, folder: FOLDER, profileFolder: undefined });
  try {
    const making = [...process.execArgv, MAKE_LOG, server.url, String(events)];
    await promisify(execFile)(process.execPath, making, { signal });
    process.stdout.write(`${await rebuildAll({ server, wanted, rounds, signal })}\n`);
  } finally {
    await server.close();
  }
};

export const rebuild: Benchmark = {
  name: 'rebuild',
  summary: 'events per second that each SQL read model is built anew from, and what the client alone reads',
  usage: [
    '--events N         events in the log, at least (200000)',
    '--rounds N         how often each is rebuilt (3)',
    '--projection NAME  only this one; may be repeated',
  ],
  run,
};

type Job = {
  readonly server: ServerUnderTest;
  readonly wanted: readonly string[];
  readonly rounds: number;
  readonly signal: AbortSignal;
};

const rebuildAll = async ({ server, wanted, rounds, signal }: Job): Promise<string> => {
  const database = await openDatabase(FOLDER);
  const store = openEventStore({ connectionString: server.url });
  const alone = openClientAlone(server.url);
  const meters = { database: database.cpuMs, store: server.cpuMs };
  try {
    await ensureCheckpoints(database.db, createProjections());
    const bench: Bench = { alone, meters, store, events: await alone.readAll(signal), signal };
    const rebuildables = rebuildablesOf(database, store).filter(({ name }) => wanted.includes(name));
    // Each turn has both, so that a busy moment of the machine does not count against one of them alone.
    const turns: Turn[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const rebuildable of rebuildables) turns.push(await turnOf(bench, rebuildable));
    }
    return report(bench.events, turns, rebuildables);
  } finally {
    await alone.close();
    await store.close();
    await database.close();
  }
};

const rebuildablesOf = (database: DatabaseUnderTest, store: EventStore): readonly Rebuildable[] =>
  createSqlRebuildables({
    db: database.db,
    openDb: (schema) =>
      openPostgres({ url: database.url, max: BUILD_MAX_CONNECTIONS, schema, onError: () => undefined }),
    log: store,
    codec: engineCodec,
    streamPrefixes,
    skipsOf: async () => [],
    isUnavailable: isPostgresUnavailable,
    nowMs: Date.now,
    release: 'of a benchmark',
    actor: 'of-a-benchmark',
  });

type Bench = {
  readonly alone: ClientAlone;
  readonly meters: Meters;
  readonly store: EventStore;
  readonly events: number;
  readonly signal: AbortSignal;
};

type Turn = {
  readonly name: string;
  readonly alone: Figures;
  /** Of the whole work: filling, comparing with what is live, swapping. */
  readonly whole: Figures;
  /** Until the last page was in the tables. */
  readonly fillingMs: number;
};

const turnOf = async (bench: Bench, { name, rebuild: build }: Rebuildable): Promise<Turn> => {
  const { events, meters, signal } = bench;
  const alone = await measure(meters, events, () => bench.alone.readAll(signal));
  const until = await endOfLog(bench.store);
  let filledAtMs = 0;
  const onProgress = ({ position }: RebuildProgress): void => {
    if (filledAtMs === 0 && position >= until) filledAtMs = performance.now();
  };
  const startedAtMs = performance.now();
  const whole = await measure(meters, events, async () => {
    const accept = async (): Promise<boolean> => true;
    const { differences } = await build({ signal, onProgress, keepOld: false, accept });
    if (differences.count > 0) throw new Error(`${name} came out different: ${JSON.stringify(differences)}`);
  });
  return { name, alone, whole, fillingMs: filledAtMs - startedAtMs };
};

/** Medians over the rounds. The first one has nothing to compare with, so that only later ones tell of the whole. */
const report = (events: number, turns: readonly Turn[], rebuildables: readonly Rebuildable[]): string => {
  const perSecond = (tookMs: number): number => (events / tookMs) * MS_PER_SECOND;
  const columns = (figures: readonly Figures[]): readonly string[] => [
    ...[figures.map(({ ownMicros }) => ownMicros), figures.map(({ storeMicros }) => storeMicros)].map(
      (micros) =>
        cell(
          medianOf(micros, (each) => each),
          1,
        ),
    ),
    cell(
      medianOf(figures, ({ databaseMicros }) => databaseMicros),
      1,
    ),
    cell(Math.max(...figures.map(({ peakMib }) => peakMib))),
  ];
  const alone = turns.map((turn) => turn.alone);
  const rows = rebuildables.map(({ name }) => {
    const own = turns.filter((turn) => turn.name === name);
    const later = own.slice(1);
    return [
      name,
      cell(median(own.map(({ fillingMs }) => perSecond(fillingMs)))),
      cell(median(own.map((turn) => turn.alone.tookMs / turn.fillingMs)), 2),
      cell(
        medianOf(later, (turn) => turn.alone.tookMs / turn.whole.tookMs),
        2,
      ),
      ...columns(own.map(({ whole }) => whole)),
    ];
  });
  const client = [
    'the client alone',
    cell(median(alone.map(({ tookMs }) => perSecond(tookMs)))),
    '1.00',
    '-',
  ];
  const { node, cpus, cpuModel } = describeMachine(FOLDER);
  return [
    `${events} events; ${cpus} × ${cpuModel}, Node ${node}`,
    '',
    formatTable(HEADER, [[...client, ...columns(alone)], ...rows]),
    '',
    'CPU in µs for each event of the log. "whole" has comparing with the live version and swapping in it.',
  ].join('\n');
};

const HEADER = ['', 'events/s', 'ratio', 'whole', 'node CPU', 'store CPU', 'PostgreSQL CPU', 'peak MiB'];
