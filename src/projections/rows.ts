/**
 * Writes many rows with one statement: they travel as one JSON parameter, so that a batch of any size is
 * the same statement to PostgreSQL and never meets its limit of parameters.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database, Db } from './database.ts';

/** JSON may hold what PostgreSQL's text cannot: a zero character, and halves of surrogate pairs. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;

/**
 * Inserts the rows, or overwrites those with the same key. All rows have the same columns, and no two the
 * same key.
 */
export const upsert = async (
  db: Db,
  table: keyof Database,
  key: readonly string[],
  rows: readonly object[],
): Promise<void> => {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const values = names
    .filter((name) => !key.includes(name))
    .map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`);
  await sql`
    insert into ${sql.table(table)} (${columns})
    select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${asJson(rows)})
    on conflict (${sql.join(key.map((name) => sql.ref(name)))}) do update set ${sql.join(values)}
  `.execute(db);
};

/** The rows as a parameter of type `json`. */
export const asJson = (rows: readonly object[]): RawBuilder<unknown> => {
  const text = JSON.stringify(rows);
  return sql`${UNSTORABLE.test(text) ? JSON.stringify(rows, storable) : text}::json`;
};

const storable = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/\0|\p{Surrogate}/gu, '\ufffd') : value;
