/**
 * Two builds of a projection row by row, in SQL: by a digest of each table first, and where these differ by the rows
 * themselves. To be done in one transaction that sees both at one moment.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Certificate } from '../../rebuild/certificate.ts';
import type { Difference } from '../../rebuild/rebuildable.ts';
import type { Db } from '../database.ts';
import type { ReadModelTable } from '../projection.ts';
import type { EngineEvent } from '../registry.ts';
import { columnsOf } from './structure.ts';

export const MAX_DIFFERENCES = 100;

export type Part = Certificate['parts'][number];
type Table = ReadModelTable<EngineEvent>;

export type RowDifference = Omit<Difference, 'positions'> & {
  readonly table: Table;
  /** By column, as text. */
  readonly keys: Readonly<Record<string, string>>;
};

/** What both sides hold, and where they are not the same. */
export type Compared = {
  /** Of the build that is expected. */
  readonly parts: readonly Part[];
  readonly count: number;
  /** The first `MAX_DIFFERENCES`. */
  readonly first: readonly RowDifference[];
};

export const compare = async (
  db: Db,
  tables: readonly Table[],
  live: string,
  expected: string,
): Promise<Compared> => {
  await allowParallelScans(db);
  const parts: Part[] = [];
  const first: RowDifference[] = [];
  let count = 0;
  for (const table of tables) {
    const part = await partOf(db, expected, table.name);
    parts.push(part);
    if ((await partOf(db, live, table.name)).digest === part.digest) continue;
    const found = await differingRows(db, table, live, expected, MAX_DIFFERENCES - first.length);
    count += found.count;
    first.push(...found.first);
  }
  return { parts, count, first };
};

/**
 * For the rest of the transaction. PostgreSQL counts a row's digest as next to nothing and would scan with one process; it
 * is most of what a comparison costs.
 */
const allowParallelScans = async (db: Db): Promise<void> => {
  await sql`
    select set_config(name, '0', true)
    from unnest(array['parallel_setup_cost', 'parallel_tuple_cost', 'min_parallel_table_scan_size']) name
  `.execute(db);
};

export const digestOf = (parts: readonly Part[]): string =>
  sha256(parts.map(({ place, digest }) => `${place} ${digest}`).join('\n'));

/**
 * A digest of rows that is the same in whatever order they are: how many there are, and the sums of halves of the
 * digests of each, as PostgreSQL writes it.
 */
const partOf = async (db: Db, schema: string, table: string): Promise<Part> => {
  const { rows } = await sql<{ rows: string; high: string | null; low: string | null }>`
    select count(*) as rows,
      sum(('x' || substr(digest, 1, 16))::bit(64)::bigint) as high,
      sum(('x' || substr(digest, 17, 16))::bit(64)::bigint) as low
    from (
      select encode(sha256(convert_to(row$::text, 'UTF8')), 'hex') as digest from ${sql.id(schema, table)} row$
      offset 0
    ) digested
  `.execute(db);
  const [found] = rows;
  const count = found?.rows ?? '0';
  return {
    place: table,
    rows: Number(count),
    digest: sha256(`${count} ${found?.high ?? 0} ${found?.low ?? 0}`),
  };
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

type Found = { count: number; keys: Record<string, string>; live: unknown; expected: unknown };

/**
 * Rows that are there more than once are told apart by counting them. Names that end in `$` are ours: a column of a table
 * may have any other.
 */
const differingRows = async (
  db: Db,
  table: Table,
  live: string,
  expected: string,
  limit: number,
): Promise<{ readonly count: number; readonly first: readonly RowDifference[] }> => {
  const columns = await columnsOf(db, expected, table.name);
  const key = sql.join(table.key.map((name) => sql.ref(name)));
  const side = (schema: string) => sql`
    select ${key}, row_number() over (partition by ${key} order by row$::text) as nth$,
      row$::text as text$, row$ as whole$
    from ${sql.id(schema, table.name)} row$
  `;
  // Of a column that JSON's numbers cannot hold, text.
  const asJson = (name: string) => {
    const fields = columns.map((column) => {
      const field = sql`(${sql.ref(`${name}.whole$`)}).${sql.ref(column.name)}`;
      return sql`${sql.lit(column.name)}, ${column.type === 'bigint' ? sql`${field}::text` : field}`;
    });
    return sql`case when ${sql.ref(`${name}.text$`)} is not null then json_build_object(${sql.join(fields)}) end`;
  };
  const keys = table.key.map((name) => sql`${sql.lit(name)}, ${sql.ref(name)}::text`);
  const { rows } = await sql<Found>`
    select count(*) over ()::integer as count, json_build_object(${sql.join(keys)}) as keys,
      ${asJson('live$')} as live, ${asJson('expected$')} as expected
    from (${side(live)}) live$ full join (${side(expected)}) expected$ using (${key}, nth$)
    where live$.text$ is distinct from expected$.text$
    order by ${key}, nth$
    limit ${Math.max(1, limit)}
  `.execute(db);
  const first = rows.slice(0, Math.max(0, limit)).map((row) => ({
    table,
    place: table.name,
    key: Object.entries(row.keys)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    keys: row.keys,
    live: row.live,
    expected: row.expected,
  }));
  const count = rows[0]?.count;
  if (count === undefined) throw new Error(`The digests of ${table.name} differ, and none of its rows does.`);
  return { count, first };
};
