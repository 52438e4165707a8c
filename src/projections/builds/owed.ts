/** What swaps in SQL owe to the log: a row for each, written by the swap itself. ADR 15 says why. */
import { sql } from 'kysely';
import { type OwedSwap, owedSwapSchema, swapIdOf } from '../../domain/projection/index.ts';
import type { Db } from '../database.ts';

/** Goes into the transaction of the swap, whose connection does not see the live tables by name. */
export const oweSwap = async (db: Db, liveSchema: string, swap: OwedSwap): Promise<void> => {
  await sql`
    insert into ${sql.id(liveSchema, 'owed_swap')} (id, swap) values (${swapIdOf(swap)}, ${JSON.stringify(swap)}::json)
  `.execute(db);
};

/** In the order in which they were made. What a later release has written is left to it. */
export const owedSwapsInSql = async (db: Db): Promise<readonly OwedSwap[]> => {
  const rows = await db.selectFrom('owed_swap').select('swap').orderBy('owed_at').execute();
  return rows.flatMap(({ swap }) => owedSwapSchema.safeParse(swap).data ?? []);
};

export const forgetSwapInSql = async (db: Db, swap: OwedSwap): Promise<void> => {
  await db.deleteFrom('owed_swap').where('id', '=', swapIdOf(swap)).execute();
};
