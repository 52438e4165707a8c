/** The engine's only PostgreSQL pool, behind the typed query builder that everything here uses. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../projections/database.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

export type PoolOptions = {
  readonly url: string;
  readonly max: number;
  /** Tables are looked for in this schema and nowhere else; as the database has it, unless given. */
  readonly schema?: string;
  readonly onError: (error: Error) => void;
};

export type Postgres = {
  readonly db: Kysely<Database>;
  /** Rejects when the database does not answer a query. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export function openPostgres({ url, max, schema, onError }: PoolOptions): Postgres {
  const pool = new pg.Pool({
    connectionString: schema === undefined ? url : searchingIn(schema, url),
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    application_name: 'seatlog',
  });
  // An idle connection that the server drops: unheard, this event would end the process.
  pool.on('error', onError);
  // One in use that is dropped between two queries: the next query fails, but the event must be heard too.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    async ping() {
      await sql`select 1`.execute(db);
    },
    close: () => db.destroy(),
  };
}

/** In the address, so that a connection has it before its first query. */
function searchingIn(schema: string, url: string): string {
  const address = new URL(url);
  const given = address.searchParams.get('options') ?? '';
  address.searchParams.set('options', `${given} -c search_path=${schema}`.trim());
  return address.href;
}
