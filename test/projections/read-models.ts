/** The read models on a real database, fed by hand: what the runner does, without a log. */
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import type { Database, Db } from '../../src/projections/database.ts';
import type { Projected } from '../../src/projections/projection.ts';
import { createProjections, type EngineEvent } from '../../src/projections/registry.ts';
import type { Random } from '../support/random.ts';
import { useDatabaseUrl } from '../support/stores.ts';

export type Told = Projected<EngineEvent>;

/** Everything that projections fill, each with an order for its rows. */
const TABLES = {
  program: 'program_id',
  ticket_category: 'program_id, category_id',
  sale: 'program_id',
  order_: 'gene, order_number',
  order_line: 'gene, order_number, line',
  category_stock: 'program_id, category',
  sales_minute: 'program_id, category, minute_ms',
  deadline: 'program_id, kind, subject',
  payment: 'gene, payment_number',
  stray_charge: 'gene, payment_number, provider_reference',
  refund: 'gene, payment_number, refund_id',
  ticket_hall: 'program_id',
  order_tickets: 'gene, order_number',
  order_event: 'gene, order_number, position',
} as const satisfies Partial<Record<keyof Database, string>>;

/** A migrated database for this test file. */
export function useDatabase(): { readonly db: Db; readonly postgresUrl: string } {
  const database = useDatabaseUrl();
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    postgres = openPostgres({ url: database.postgresUrl, max: 5, onError: () => undefined });
    await migrate(postgres.db);
  });
  afterAll(() => postgres?.close());
  return {
    get db() {
      if (postgres === undefined) throw new Error('The database of this file has not been opened yet.');
      return postgres.db;
    },
    get postgresUrl() {
      return database.postgresUrl;
    },
  };
}

/** Each batch in a transaction of its own, as the runner does it. */
export async function applyInBatches(db: Db, batches: readonly (readonly Told[])[]): Promise<void> {
  const projections = createProjections();
  for (const batch of batches) {
    await db.transaction().execute(async (transaction: Transaction<Database>) => {
      for (const { handles, apply } of projections) {
        const wanted = batch.filter(({ type }) => handles.includes(type));
        if (wanted.length > 0) await apply(transaction, wanted);
      }
    });
  }
}

export function inRandomBatches(events: readonly Told[], random: Random): Told[][] {
  const batches: Told[][] = [];
  for (let at = 0; at < events.length; ) {
    const size = random.between(1, MAX_BATCH);
    batches.push(events.slice(at, at + size));
    at += size;
  }
  return batches;
}

const MAX_BATCH = 30;

/** Deleting a few rows is a hundred times quicker than truncating a hundred partitions. */
export async function emptyTables(db: Db): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const table of Object.keys(TABLES)) {
      await sql`delete from ${sql.table(table)}`.execute(transaction);
    }
  });
}

/** Every row of every read model, as PostgreSQL writes it. */
export async function contents(db: Db): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const found: Record<string, readonly unknown[]> = {};
  for (const [table, order] of Object.entries(TABLES)) {
    const { rows } = await sql`select * from ${sql.table(table)} order by ${sql.raw(order)}`.execute(db);
    found[table] = rows;
  }
  return found;
}

const RECORDED_AT_MS = Date.UTC(2026, 0, 1);
const BETWEEN_EVENTS_MS = 7_000;

/** Events as the log has them: each with its place, and some seconds after the one before. */
export function inLog(events: readonly { readonly stream: string; readonly event: EngineEvent }[]): Told[] {
  const revisions = new Map<string, bigint>();
  return events.map(({ stream, event }, index) => {
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    const recordedAtMs = RECORDED_AT_MS + index * BETWEEN_EVENTS_MS;
    return { ...event, stream, revision, position: BigInt(index), recordedAtMs };
  });
}
