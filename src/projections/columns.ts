/**
 * How eight-byte integers pass between rows and JavaScript. PostgreSQL's client gives them as text, because
 * a double cannot hold them all; order numbers stay text, while money and times are far below 2^53 and
 * become numbers.
 */
import { type AliasedRawBuilder, type ColumnType, sql } from 'kysely';

/** Columns of `Row`, of which the `Wide` ones are `bigint` in SQL and numbers in the row. */
export type Columns<Row, Wide extends keyof Row> = {
  [Name in keyof Row]: Name extends Wide
    ? ColumnType<string | Extract<Row[Name], null>, Row[Name], Row[Name]>
    : Row[Name];
};

/**
 * Selects a bigint that is below 2^53 as a number, under its own name. To sort by the column itself, and
 * along its index, name its table too.
 */
export const wide = <Name extends string>(column: Name): AliasedRawBuilder<number, Name> =>
  sql<number>`${sql.ref(column)}::float8`.as(column);

export const wideOrNull = <Name extends string>(column: Name): AliasedRawBuilder<number | null, Name> =>
  sql<number | null>`${sql.ref(column)}::float8`.as(column);
