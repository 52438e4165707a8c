/** Writes into the log what was swapped: by this command, and by one that died before it could. */
import type { OwedSwap } from '../../domain/projection/index.ts';
import { recordSwapsOf } from '../../engine/owed-swaps.ts';
import type { KnownProjection } from '../../engine/projections-seen.ts';
import { openProjectionStreams } from '../../engine/streams.ts';
import type { OpenStores } from './open.ts';

type Store = KnownProjection['store'];

/** Asks the stores that are worked on and no others. Rejects as appending and the stores do. */
export const recordSwaps = async (
  stores: OpenStores,
  kinds: readonly Store[],
): Promise<readonly OwedSwap[]> => {
  const db = kinds.includes('sql') ? await stores.db() : undefined;
  const redis = kinds.includes('redis') ? await stores.redis() : undefined;
  return recordSwapsOf({ db, redis }, openProjectionStreams(await stores.eventStore()));
};

/** As `recordSwaps`, before any work. Says what nobody had recorded. */
export const makeUpForSwaps = async (stores: OpenStores, kinds: readonly Store[]): Promise<void> => {
  for (const { projection, type, nowMs } of await recordSwaps(stores, kinds)) {
    const what = type === 'RecordRebuild' ? 'rebuilt' : 'rolled back';
    console.error(`${projection}: was ${what} at ${new Date(nowMs).toISOString()}; the log says so now.`);
  }
};
