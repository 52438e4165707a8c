/** A log, a database with read models of it, a runner where one is wanted, and what builds the read models anew. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { engineCodec, streamPrefixes } from '../../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../../src/eventstore/index.ts';
import { logSource } from '../../../src/eventstore/log-source.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { migrate } from '../../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../../src/postgres/pool.ts';
import { isPostgresUnavailable } from '../../../src/postgres/unavailable.ts';
import type { BuildDeps, EngineProjection } from '../../../src/projections/builds/deps.ts';
import { createSqlRebuildables } from '../../../src/projections/builds/sql-rebuildable.ts';
import type { Db } from '../../../src/projections/database.ts';
import { createProjections } from '../../../src/projections/registry.ts';
import { type Runner, startProjections } from '../../../src/projections/runner.ts';
import { endOfLog } from '../../../src/rebuild/log-pages.ts';
import type { Differences, Rebuildable, RebuildOptions } from '../../../src/rebuild/rebuildable.ts';
import { useStores } from '../../support/stores.ts';
import { until } from '../../support/until.ts';
import type { InStream } from '../flash-sale.ts';
import { quietly, sqlBuildDeps } from './deps.ts';

export { quietly } from './deps.ts';

export type House = {
  readonly db: Db;
  readonly store: EventStore;
  readonly postgresUrl: string;
  readonly eventStoreUrl: string;
  /** In runs of one stream each, as group commit has it. */
  readonly append: (events: readonly InStream[]) => Promise<void>;
  readonly run: (projections?: readonly EngineProjection[]) => Promise<Runner>;
  /** Runs the projections until they stand at the end of the log. */
  readonly fill: (projections?: readonly EngineProjection[]) => Promise<void>;
  readonly rebuildables: (change?: Partial<BuildDeps>, projections?: Projections) => readonly Rebuildable[];
  readonly rebuildable: (name: string, change?: Partial<BuildDeps>, projections?: Projections) => Rebuildable;
  /** Of builds and checks. */
  readonly schemas: () => Promise<readonly string[]>;
};
type Projections = () => readonly EngineProjection[];

/** Call it once at the top of a test file. */
export function useHouse(): House {
  const stores = useStores();
  let store: EventStore;
  let postgres: Postgres;
  const revisions = new Map<string, bigint>();
  beforeAll(async () => {
    store = openEventStore({ connectionString: stores.eventStoreUrl });
    postgres = openPostgres({ url: stores.postgresUrl, max: 10, onError: () => undefined });
    await migrate(postgres.db);
  });
  afterAll(async () => {
    await store?.close();
    await postgres?.close();
  });

  const append = async (events: readonly InStream[]): Promise<void> => {
    const log = createStreamLog(store, engineCodec);
    for (let from = 0; from < events.length; ) {
      const stream = events[from]?.stream ?? '';
      let to = from;
      while (to < events.length && to - from < 200 && events[to]?.stream === stream) to += 1;
      const part = events.slice(from, to).map(({ event }) => event);
      const commandId = randomUUID();
      const encoded = log.encode(stream, part, { commandId, correlationId: 'x', actor: 'x' }, commandId);
      const revision = revisions.get(stream);
      await log.append(stream, revision ?? 'no_stream', encoded);
      revisions.set(stream, (revision ?? -1n) + BigInt(part.length));
      from = to;
    }
  };
  const run = (projections: readonly EngineProjection[] = createProjections()) =>
    startProjections({
      db: postgres.db,
      source: logSource(store, engineCodec, { name: 'projections', streamPrefixes }),
      projections,
      isUnavailable: isPostgresUnavailable,
      onStopped: () => undefined,
    });
  const fill = async (projections?: readonly EngineProjection[]): Promise<void> => {
    const end = await lastOwnPosition(store);
    const runner = await run(projections);
    await until('all is shown', async () => (await runner.states()).every(({ position }) => position >= end));
    await runner.stop();
  };
  const rebuildables: House['rebuildables'] = (change = {}, projections = createProjections) =>
    createSqlRebuildables(
      { ...sqlBuildDeps(postgres.db, stores.postgresUrl, store), ...change },
      projections,
    );

  return {
    get db() {
      return postgres.db;
    },
    get store() {
      return store;
    },
    get postgresUrl() {
      return stores.postgresUrl;
    },
    get eventStoreUrl() {
      return stores.eventStoreUrl;
    },
    ...{ append, run, fill, rebuildables },
    rebuildable: (name, ...how) => {
      const found = rebuildables(...how).find((one) => one.name === name);
      if (found === undefined) throw new Error(`There is no ${name}.`);
      return found;
    },
    schemas: async () => {
      const { rows } = await sql<{ name: string }>`
        select nspname as name from pg_namespace where nspname !~ '^(pg_|public$|information_schema$)' order by 1
      `.execute(postgres.db);
      return rows.map(({ name }) => name);
    },
  };
}

/** The subscription hears of these alone; where it has seen the rest depends on the server. */
const lastOwnPosition = async (store: EventStore): Promise<bigint> => {
  const page = await store.readAllPage({ direction: 'backwards', maxCount: 500 });
  const own = page.find(({ stream }) => streamPrefixes.some((prefix) => stream.startsWith(prefix)));
  return own?.position ?? (await endOfLog(store));
};

/** For a rebuild that must find nothing. */
export const strictly = (): RebuildOptions =>
  quietly({
    accept: async ({ count, first }: Differences) => {
      throw new Error(`${count} differences, first ${JSON.stringify(first[0], bigintsAsText)}`);
    },
  });

const bigintsAsText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
