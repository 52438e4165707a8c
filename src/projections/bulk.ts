/**
 * Writes many rows of the tables that see most of them. Each column travels as one array, so that any number of rows is
 * the same statement to PostgreSQL, and costs it about half of what it costs as JSON (`rows.ts`).
 */
import { sql } from 'kysely';
import type { BulkTable, BulkType } from './bulk-table.ts';
import type { Db } from './database.ts';

type Cell = string | number | boolean | null;

type Cells = Readonly<Record<string, Cell>>;

/** Adds the rows, or overwrites those with the same key. No two of the rows have the same key. */
export const writeRows = async <Row extends Cells>(
  db: Db,
  { name: table, key, columns }: BulkTable<Row>,
  rows: readonly Row[],
): Promise<void> => {
  if (rows.length === 0) return;
  const types = Object.entries<BulkType>(columns);
  const names = types.map(([name]) => name);
  const arrays = types.map(
    ([name, type]) => sql`${arrayOf(rows, name, type === 'text')}::${sql.raw(type)}[]`,
  );
  await sql`
    insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
    select * from unnest(${sql.join(arrays)})
    ${key === undefined ? sql`` : overwriting(names, key)}
  `.execute(db);
};

const overwriting = (names: readonly string[], key: readonly string[]) => {
  const values = names
    .filter((name) => !key.includes(name))
    .map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`);
  return sql`on conflict (${sql.join(key.map((name) => sql.ref(name)))}) do update set ${sql.join(values)}`;
};

/** As PostgreSQL writes arrays. */
const arrayOf = (rows: readonly Cells[], name: string, isText: boolean): string => {
  let text = '';
  for (const row of rows) {
    const value = row[name] ?? null;
    if (value === null) text += ',NULL';
    else text += isText ? `,"${quotable(String(value))}"` : `,${value}`;
  }
  return `{${text.slice(1)}}`;
};

/** What an array has to escape, and what text cannot hold: a zero character, and halves of surrogate pairs. */
const SPECIAL = /["\\\0\ud800-\udfff]/;

const quotable = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/\0|\p{Surrogate}/gu, '\ufffd').replace(/["\\]/g, '\\$&') : text;
