/** How PostgreSQL would run the queries of a question: which partitions it would look into. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database, Db } from '../../src/projections/database.ts';

/** One plan for each query. */
export async function plansOf(postgresUrl: string, ask: (db: Db) => Promise<unknown>): Promise<string[]> {
  const queries: { readonly sql: string; readonly parameters: readonly unknown[] }[] = [];
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 1 });
  // The server may end before a connection that was given back has closed.
  pool.on('error', () => undefined);
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => void queries.push(query),
  });
  try {
    await ask(db);
    const plans: string[] = [];
    for (const { sql: text, parameters } of queries) {
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...parameters]);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    }
    return plans;
  } finally {
    await db.destroy();
  }
}
