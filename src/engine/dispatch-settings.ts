/** Which mode plain `POST /orders` uses: the program's own split, else the engine's setting. */
import { LRUCache } from 'lru-cache';
import { keyOfBuyer } from '../domain/sale/keys.ts';
import { chooseMode, type DispatchMode, type DispatchSplit } from '../domain/shared/dispatch-mode.ts';
import type { ProgramId, UserId } from '../domain/shared/ids.ts';

const MAX_PROGRAMS = 1_000;
/** A changed split is followed after this long at the latest. */
const FRESH_FOR_MS = 1_000;
const KEY_HALVES = 2 ** 32;

/** Null follows the engine’s setting. */
type Known = { readonly split: DispatchSplit | null };

/**
 * A buyer keeps the mode while the split stays. Never rejects: where the split cannot be read, the last one known
 * counts, and before that the engine's setting.
 */
export const createModeOf = (
  splitOf: (programId: ProgramId) => Promise<DispatchSplit | null>,
  standard: DispatchMode,
): ((programId: ProgramId, buyer: UserId) => Promise<DispatchMode>) => {
  const splits = new LRUCache<ProgramId, Known>({
    max: MAX_PROGRAMS,
    ttl: FRESH_FOR_MS,
    allowStaleOnFetchRejection: true,
    fetchMethod: async (programId) => ({ split: await splitOf(programId) }),
  });
  return async (programId, buyer) => {
    const known = splits.get(programId) ?? (await splits.fetch(programId).catch(() => undefined));
    if (known?.split == null) return standard;
    return chooseMode(known.split, (keyOfBuyer(buyer).lo >>> 0) / KEY_HALVES);
  };
};
