/** How a sale goes: the stock of its categories now, and its course over time. */
import { sql } from 'kysely';
import type { CategoryId, ProgramId } from '../../domain/shared/ids.ts';
import { wide } from '../columns.ts';
import type { Db } from '../database.ts';

/** A day of minutes. */
const MAX_PERIODS = 1_440;
const MINUTE = 60_000;

export type CategoryStock = {
  readonly categoryId: CategoryId;
  readonly priceMinor: number;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
  readonly free: number;
};

export type SalesCounts = {
  /** Places that were taken, by orders and by holds on the seat map. */
  readonly held: number;
  readonly released: number;
  readonly sold: number;
  readonly refunded: number;
  readonly revenueMinor: number;
  readonly refundedMinor: number;
};
export type CategorySales = SalesCounts & { readonly categoryId: CategoryId };
export type PeriodSales = CategorySales & { readonly fromMs: number };

export type SalesCourse = {
  readonly programId: ProgramId;
  readonly fromMs: number;
  /** Not included. */
  readonly untilMs: number;
  /** 1 for minute by minute. */
  readonly minutesPerPeriod: number;
};

/** In the order of the layout; empty before the sale has started. */
export const stockOf = async (db: Db, programId: ProgramId): Promise<readonly CategoryStock[]> => {
  const rows = await db
    .selectFrom('category_stock')
    .select(['category_id', 'capacity', 'held', 'sold', wide('price_minor')])
    .where('program_id', '=', programId)
    .orderBy('category')
    .execute();
  return rows.map(({ category_id, price_minor, capacity, held, sold }) => ({
    categoryId: category_id,
    priceMinor: price_minor,
    capacity,
    held,
    sold,
    free: capacity - held - sold,
  }));
};

/** Since the sale started; only categories in which something happened. */
export const salesTotals = async (db: Db, programId: ProgramId): Promise<readonly CategorySales[]> =>
  minutesOf(db, programId)
    .select(['category_stock.category_id as categoryId', ...sums])
    .groupBy(['sales_minute.category', 'category_stock.category_id'])
    .orderBy('sales_minute.category')
    .execute();

/** The periods in which something happened, oldest first; at most 1,440 rows. */
export const salesCourse = async (db: Db, course: SalesCourse): Promise<readonly PeriodSales[]> => {
  const periodMs = Math.max(1, Math.trunc(course.minutesPerPeriod)) * MINUTE;
  const from = sql<number>`(minute_ms - minute_ms % ${sql.lit(periodMs)})::float8`;
  return minutesOf(db, course.programId)
    .select([from.as('fromMs'), 'category_stock.category_id as categoryId', ...sums])
    .where('minute_ms', '>=', String(course.fromMs))
    .where('minute_ms', '<', String(course.untilMs))
    .groupBy([from, 'sales_minute.category', 'category_stock.category_id'])
    .orderBy('fromMs')
    .orderBy('sales_minute.category')
    .limit(MAX_PERIODS)
    .execute();
};

const minutesOf = (db: Db, programId: ProgramId) =>
  db
    .selectFrom('sales_minute')
    .innerJoin('category_stock', (join) =>
      join
        .onRef('category_stock.program_id', '=', 'sales_minute.program_id')
        .onRef('category_stock.category', '=', 'sales_minute.category'),
    )
    .where('sales_minute.program_id', '=', programId);

const sum = <Name extends string>(column: string, name: Name) =>
  sql<number>`sum(${sql.ref(`sales_minute.${column}`)})::float8`.as(name);

const sums = [
  sum('held', 'held'),
  sum('released', 'released'),
  sum('sold', 'sold'),
  sum('refunded', 'refunded'),
  sum('revenue_minor', 'revenueMinor'),
  sum('refunded_minor', 'refundedMinor'),
] as const;
