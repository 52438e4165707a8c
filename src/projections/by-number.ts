/** Many rows of partitioned tables by their numbers, each looked up by itself, however many they are. */
import { type AliasedExpression, sql } from 'kysely';
import type { Database, Db } from './database.ts';

export type Numbered = { readonly gene: number; readonly number: string };

/** A name, or an expression under a name, as `wide` makes it. */
type Column = string | AliasedExpression<unknown, string>;

/**
 * The rows of a table partitioned by gene whose `number` column is one of these. The `offset 0` keeps PostgreSQL
 * from reading the whole table instead: it takes each number for a search of every partition, and does not see
 * beforehand that all but one are left out.
 */
export const rowsByNumber = async <Row>(
  db: Db,
  table: keyof Database,
  number: string,
  columns: readonly Column[],
  wanted: readonly Numbered[],
): Promise<readonly Row[]> => {
  if (wanted.length === 0) return [];
  const selected = sql.join(columns.map((column) => (typeof column === 'string' ? sql.ref(column) : column)));
  const { rows } = await sql<Row>`
    select found.*
    from unnest(${wanted.map((one) => one.gene)}::smallint[], ${wanted.map((one) => one.number)}::bigint[])
      as wanted (gene, number)
    cross join lateral (
      select ${selected} from ${sql.table(table)} held
      where held.gene = wanted.gene and ${sql.ref(`held.${number}`)} = wanted.number
      offset 0
    ) found
  `.execute(db);
  return rows;
};
