/**
 * Counts the versions of what Redis keeps, for people, and remembers which swap made the live one: that is what a rollback
 * undoes. A Redis that was emptied begins anew.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { VersionsClient } from '../../gate/index.ts';

/** One that has begun and may not have ended: nothing of Redis is swapped in one step. */
const rollbackSchema = z.strictObject({
  swapId: z.string(),
  /** The swap that it undoes; left out where that was made before swaps had ids. */
  undoes: z.string().optional(),
  /** The number of the version that comes back. */
  build: z.int(),
});

export type BegunRollback = z.infer<typeof rollbackSchema>;

/** All of them reject as the client does. */
export type Builds = {
  /** The number of the live version; 1 where nothing was ever built anew. */
  readonly live: () => Promise<number>;
  /** A number for a new version, which nothing has had yet. What a rollback has left half done is overtaken by it. */
  readonly next: () => Promise<number>;
  /** It is live from now on; doing it again changes nothing. */
  readonly makeLive: (build: number, swapId: string) => Promise<void>;
  /** Goes on with the one that has not ended, else with a new one to the version before the live one. */
  readonly beginRollback: () => Promise<BegunRollback>;
  readonly endRollback: () => Promise<void>;
};

export const createBuilds = (client: VersionsClient, name: string): Builds => {
  const key = `seatlog:${name}:builds`;
  const read = async () => {
    const stored = await client.hgetall(key);
    const live = Number(stored['live'] ?? 1);
    const [previous, last] = [Number(stored['previous'] ?? 1), Number(stored['last'] ?? live)];
    return { live, previous, last, swapId: stored['swap'], rollback: begunRollback(stored['rollback']) };
  };
  return {
    live: async () => Number((await client.hget(key, 'live')) ?? 1),
    next: async () => {
      const { last } = await read();
      await client.hset(key, { last: last + 1 });
      await client.hdel(key, 'rollback');
      return last + 1;
    },
    makeLive: async (build, swapId) => {
      const { live, last } = await read();
      if (build === live) return;
      await client.hset(key, { live: build, previous: live, last: Math.max(build, last), swap: swapId });
    },
    beginRollback: async () => {
      const { previous, swapId: undoes, rollback } = await read();
      if (rollback !== undefined) return rollback;
      const begun = { swapId: randomUUID(), ...(undoes !== undefined && { undoes }), build: previous };
      await client.hset(key, { rollback: JSON.stringify(begun) });
      return begun;
    },
    endRollback: async () => {
      await client.hdel(key, 'rollback');
    },
  };
};

/** Whether what a swap has replaced is what this rollback still has to bring back. */
export const isToComeBack = ({ swapId, undoes }: BegunRollback, replacedBy: string | null): boolean =>
  undoes === undefined ? replacedBy !== swapId : replacedBy === undoes;

const begunRollback = (text: string | undefined): BegunRollback | undefined => {
  if (text === undefined) return undefined;
  try {
    return rollbackSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
