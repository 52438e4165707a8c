/**
 * How fast the read models follow the log of a flash sale: straight from memory, with what each projection takes of
 * it, and as they run, from an event store.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { engineCodec, streamPrefixes } from '../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../src/eventstore/index.ts';
import { type LogEntry, logSource } from '../src/eventstore/log-source.ts';
import { createStreamLog } from '../src/eventstore/stream-log.ts';
import { applyBatch } from '../src/projections/apply.ts';
import { ensureCheckpoints } from '../src/projections/checkpoint.ts';
import type { Db } from '../src/projections/database.ts';
import type { Projection } from '../src/projections/projection.ts';
import { createProjections, type EngineEvent } from '../src/projections/registry.ts';
import { PROJECTIONS_BATCH_MAX_EVENTS, startProjections } from '../src/projections/runner.ts';
import { flashSale, type InStream } from '../test/projections/flash-sale.ts';
import { type Benchmark, UsageError } from './benchmark.ts';
import { openServer } from './eventstore/server.ts';
import { type DatabaseUnderTest, openDatabase } from './projections/database.ts';
import { ownCpuMs } from './support/cpu.ts';
import { cell, formatTable } from './support/table.ts';

const FOLDER = join('.data', 'bench');
const MS_PER_SECOND = 1_000;
const MICROS_PER_MS = 1_000;
const APPEND_EVENTS = 500;
const POLL_MS = 20;

const run: Benchmark['run'] = async (args, signal) => {
  const options = {
    orders: { type: 'string', default: '10000' },
    batch: { type: 'string', default: String(PROJECTIONS_BATCH_MAX_EVENTS) },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [orders, batch] = [Number(values.orders), Number(values.batch)];
  if (!(orders > 0 && batch > 0)) throw new UsageError('--orders and --batch are whole numbers, 1 or more.');
  const events = flashSale(orders);
  const database = await openDatabase(FOLDER);
  try {
    process.stdout.write(`${await fromMemory(database, events, batch, signal)}\n\n`);
    await startOver(database.db);
    process.stdout.write(`${await fromStore(database, events, batch, signal)}\n`);
  } finally {
    await database.close();
  }
};

export const projections: Benchmark = {
  name: 'projections',
  summary: 'events of a flash sale that all SQL read models together apply per second, and the share of each',
  usage: ['--orders N   orders in the log (10000)', '--batch N    most events of a batch (2000)'],
  run,
};

type Measured = { readonly tookMs: number; readonly ownMs: number; readonly serverMs: number };

const measure = async ({ cpuMs }: DatabaseUnderTest, work: () => Promise<void>): Promise<Measured> => {
  const [ownBefore, serverBefore, startMs] = [ownCpuMs(), cpuMs(), performance.now()];
  await work();
  const tookMs = performance.now() - startMs;
  return { tookMs, ownMs: ownCpuMs() - ownBefore, serverMs: cpuMs() - serverBefore };
};

const totals = (what: string, count: number, { tookMs, ownMs, serverMs }: Measured): string =>
  formatTable(
    [what, 'events/s', 'wall, µs/event', 'node CPU', 'PostgreSQL CPU'],
    [
      [
        `${count} events`,
        cell((count / tookMs) * MS_PER_SECOND),
        ...[tookMs, ownMs, serverMs].map((ms) => cell((ms / count) * MICROS_PER_MS, 1)),
      ],
    ],
  );

const fromMemory = async (
  database: DatabaseUnderTest,
  events: readonly InStream[],
  size: number,
  signal: AbortSignal,
): Promise<string> => {
  const tookMs = new Map<string, number>();
  const all = createProjections().map((projection) => timed(projection, tookMs));
  await ensureCheckpoints(database.db, all);
  const deps = {
    db: database.db,
    projections: all,
    isUnavailable: () => false,
    onStopped: complain,
    onApplied: () => undefined,
  };
  const entries = asEntries(events);
  const measured = await measure(database, async () => {
    for (let from = 0; from < entries.length; from += size) {
      signal.throwIfAborted();
      const part = entries.slice(from, from + size);
      const [after, position] = [BigInt(from - 1), BigInt(from + part.length - 1)];
      await applyBatch(deps, { events: part, position, after });
    }
  });
  const rows = [...tookMs]
    .sort(([, one], [, other]) => other - one)
    .map(([name, ms]) => [
      name,
      cell((ms / events.length) * MICROS_PER_MS, 1),
      cell((100 * ms) / measured.tookMs),
    ]);
  const shares = formatTable(['projection', 'wall, µs/event', '% of all'], rows);
  return `${totals(`from memory, batches of ${size}`, events.length, measured)}\n\n${shares}`;
};

const timed = (projection: Projection<EngineEvent>, tookMs: Map<string, number>): typeof projection => ({
  ...projection,
  apply: async (db, events) => {
    const startMs = performance.now();
    await projection.apply(db, events);
    tookMs.set(projection.name, (tookMs.get(projection.name) ?? 0) + performance.now() - startMs);
  },
});

/** A second a thousand events. */
const asEntries = (events: readonly InStream[]): LogEntry<EngineEvent>[] => {
  const revisions = new Map<string, bigint>();
  return events.map(({ stream, event }, index) => {
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    const place = { stream, revision, position: BigInt(index), recordedAtMs: EPOCH_MS + index };
    return { kind: 'event', event: { ...event, ...place, id: String(index), metadata: METADATA } };
  });
};

const EPOCH_MS = Date.UTC(2026, 0, 1);
const METADATA = { correlationId: 'bench', causationId: 'bench', actor: 'bench', schemaVersion: 1 };

const fromStore = async (
  database: DatabaseUnderTest,
  events: readonly InStream[],
  size: number,
  signal: AbortSignal,
): Promise<string> => {
  const server = await openServer({ url: undefined, folder: FOLDER, profileFolder: undefined });
  const store = openEventStore({ connectionString: server.url });
  try {
    await append(store, events, signal);
    const measured = await measure(database, async () => {
      const runner = await startProjections({
        db: database.db,
        source: logSource(store, engineCodec, { name: 'bench', streamPrefixes, batchMaxEvents: size }),
        projections: createProjections(),
        isUnavailable: () => false,
        onStopped: complain,
      });
      const isBehind = async () => (await runner.states()).some(({ lagMs }) => lagMs !== 0);
      while (await isBehind()) {
        signal.throwIfAborted();
        await delay(POLL_MS);
      }
      await runner.stop();
    });
    return totals(`from an event store, batches up to ${size}`, events.length, measured);
  } finally {
    await store.close();
    await server.close();
  }
};

/** Runs of one stream go together, as group commit has it. */
const append = async (store: EventStore, events: readonly InStream[], signal: AbortSignal): Promise<void> => {
  const log = createStreamLog(store, engineCodec);
  const revisions = new Map<string, bigint>();
  const cause = { commandId: 'bench', correlationId: 'bench', actor: 'bench' };
  let waiting: Promise<unknown>[] = [];
  for (let from = 0; from < events.length; ) {
    signal.throwIfAborted();
    const stream = events[from]?.stream ?? '';
    let to = from;
    while (to < events.length && to - from < APPEND_EVENTS && events[to]?.stream === stream) to += 1;
    const last = revisions.get(stream) ?? -1n;
    const encoded = log.encode(
      stream,
      events.slice(from, to).map(({ event }) => event),
      cause,
      randomUUID(),
    );
    waiting.push(log.append(stream, last < 0n ? 'no_stream' : last, encoded));
    revisions.set(stream, last + BigInt(to - from));
    from = to;
    if (waiting.length >= APPENDS_IN_FLIGHT) {
      await Promise.all(waiting);
      waiting = [];
    }
  }
  await Promise.all(waiting);
};

const APPENDS_IN_FLIGHT = 50;

const startOver = async (db: Db): Promise<void> => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not like 'kysely%'`.execute(db);
  await sql`truncate ${sql.join(rows.map(({ name }) => sql.table(name)))}`.execute(db);
};

const complain = (name: string, { error }: { readonly error: string }): void => {
  throw new Error(`${name} has stopped: ${error}`);
};
