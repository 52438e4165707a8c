/** Where swaps of read models are owed to the log, for the engine and for the commands of operators alike. */
import { recordOwedSwaps, type SwapDebts } from '../commands/record-swap.ts';
import type { OwedSwap } from '../domain/projection/index.ts';
import type { VersionsClient } from '../gate/index.ts';
import { forgetSwapInRedis, owedSwapsInRedis } from '../live/rebuild/index.ts';
import { forgetSwapInSql, owedSwapsInSql } from '../projections/builds/index.ts';
import type { Db } from '../projections/database.ts';
import type { ProjectionStreams } from './streams.ts';

const debtsInSql = (db: Db): SwapDebts => ({
  owed: () => owedSwapsInSql(db),
  forget: (swap) => forgetSwapInSql(db, swap),
});

const debtsInRedis = (client: VersionsClient): SwapDebts => ({
  owed: () => owedSwapsInRedis(client),
  forget: (swap) => forgetSwapInRedis(client, swap),
});

export type SwapStores = {
  /** Left out where nothing of the kind is to be recorded. */
  readonly db?: Db | undefined;
  readonly redis?: VersionsClient | undefined;
};

/** Answers what was recorded. Rejects as `recordOwedSwaps`; one store that is away does not keep the other from it. */
export const recordSwapsOf = async (
  { db, redis }: SwapStores,
  projections: Pick<ProjectionStreams, 'of'>,
): Promise<readonly OwedSwap[]> => {
  const debts = [...(db ? [debtsInSql(db)] : []), ...(redis ? [debtsInRedis(redis)] : [])];
  const recorded: OwedSwap[] = [];
  const failed: unknown[] = [];
  for (const each of debts) {
    await recordOwedSwaps({ projection: projections.of, debts: each }).then(
      (swaps) => recorded.push(...swaps),
      (error: unknown) => failed.push(error),
    );
  }
  if (failed.length > 0) throw failed[0];
  return recorded;
};
