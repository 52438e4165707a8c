/** Counts the versions of the gate's counters, for people. A Redis that was emptied begins anew. */
import type { VersionsClient } from '../../gate/index.ts';

const KEY = 'seatlog:gate:builds';

export type Builds = {
  /** The number of the live version; 1 where nothing was ever built anew. Rejects as the client does, as all of these. */
  readonly live: () => Promise<number>;
  /** A new version is live: its number. */
  readonly add: () => Promise<number>;
  /** The version before is live again: its number. */
  readonly goBack: () => Promise<number>;
};

export const createBuilds = (client: VersionsClient): Builds => {
  const change = async (next: (known: { live: number; previous: number; last: number }) => number) => {
    const stored = await client.hgetall(KEY);
    const live = Number(stored['live'] ?? 1);
    const known = { live, previous: Number(stored['previous'] ?? 1), last: Number(stored['last'] ?? live) };
    const build = next(known);
    await client.hset(KEY, { live: build, previous: live, last: Math.max(build, known.last) });
    return build;
  };
  return {
    live: async () => Number((await client.hget(KEY, 'live')) ?? 1),
    add: () => change(({ last }) => last + 1),
    goBack: () => change(({ previous }) => previous),
  };
};
