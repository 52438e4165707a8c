/**
 * What swaps in Redis owe to the log. No step of Redis is about all programs: a note is written before anything is
 * changed and confirmed afterwards, and who died in between is made up for. ADR 16 says how.
 */
import { z } from 'zod';
import { type OwedSwap, owedSwapSchema, swapIdOf } from '../../domain/projection/index.ts';
import { ANY_PREVIOUS_STOCK, SWAP_FIELD, type VersionsClient } from '../../gate/index.ts';
import { createBuilds } from './builds.ts';
import { keysOf } from './keys-of.ts';
import { STATUS_PLACE } from './statuses-read.ts';
import { isSomebodysTurn } from './turn.ts';

const KEY = 'seatlog:owed-swaps';

const noteSchema = z.strictObject({ swap: owedSwapSchema, isDone: z.boolean() });

/** Before the first change. Rejects as the client does, as all of these. */
export const oweSwap = (client: VersionsClient, swap: OwedSwap): Promise<void> => note(client, swap, false);

/** After the last one. */
export const confirmSwap = (client: VersionsClient, swap: OwedSwap): Promise<void> =>
  note(client, swap, true);

const note = async (client: VersionsClient, swap: OwedSwap, isDone: boolean): Promise<void> => {
  await client.hset(
    KEY,
    swapIdOf(swap),
    JSON.stringify({ swap, isDone } satisfies z.infer<typeof noteSchema>),
  );
};

export const forgetSwapInRedis = async (client: VersionsClient, swap: OwedSwap): Promise<void> => {
  await client.hdel(KEY, swapIdOf(swap));
};

/**
 * In the order in which they were made, without those that somebody is just making. A note of one that died before it
 * changed anything is dropped. What a later release has written is left to it.
 */
export const owedSwapsInRedis = async (client: VersionsClient): Promise<readonly OwedSwap[]> => {
  const owed: OwedSwap[] = [];
  for (const text of Object.values(await client.hgetall(KEY))) {
    const found = noteSchema.safeParse(parsed(text)).data;
    if (found !== undefined && (found.isDone || (await hasHappened(client, found.swap))))
      owed.push(found.swap);
  }
  return owed.sort((one, other) => one.nowMs - other.nowMs);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const hasHappened = async (client: VersionsClient, swap: OwedSwap): Promise<boolean> => {
  if (await isSomebodysTurn(client, swap.projection)) return false;
  const build = swap.type === 'RecordRebuild' ? swap.rebuilt.build : swap.rolledBack.build;
  // Of what was mended, something tells for an hour only: the log had better say too much. An earlier release counted none.
  if (build === null) return true;
  if (swap.projection !== STATUS_PLACE && !(await hasReplacedAny(client, swapIdOf(swap)))) {
    await forgetSwapInRedis(client, swap);
    return false;
  }
  await createBuilds(client, swap.projection).makeLive(build, swapIdOf(swap));
  return true;
};

const hasReplacedAny = async (client: VersionsClient, swapId: string): Promise<boolean> => {
  for await (const keys of keysOf(client, ANY_PREVIOUS_STOCK)) {
    for (const key of keys) if ((await client.hget(key, SWAP_FIELD)) === swapId) return true;
  }
  return false;
};
