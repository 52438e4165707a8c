/** Counts the versions of the gate's counters, for people. A Redis that was emptied begins anew. */
import type { VersionsClient } from '../../gate/index.ts';

const KEY = 'seatlog:gate:builds';

export type Builds = {
  /** The number of the live version; 1 where nothing was ever built anew. Rejects as the client does, as all of these. */
  readonly live: () => Promise<number>;
  /** A number for a new version, which nothing has had yet. */
  readonly next: () => Promise<number>;
  /** The number of the version before the live one. */
  readonly previous: () => Promise<number>;
  /** It is live from now on; doing it again changes nothing. */
  readonly makeLive: (build: number) => Promise<void>;
};

export const createBuilds = (client: VersionsClient): Builds => {
  const read = async () => {
    const stored = await client.hgetall(KEY);
    const live = Number(stored['live'] ?? 1);
    return { live, previous: Number(stored['previous'] ?? 1), last: Number(stored['last'] ?? live) };
  };
  return {
    live: async () => Number((await client.hget(KEY, 'live')) ?? 1),
    next: async () => {
      const { last } = await read();
      await client.hset(KEY, { last: last + 1 });
      return last + 1;
    },
    previous: async () => (await read()).previous,
    makeLive: async (build) => {
      const { live, last } = await read();
      if (build === live) return;
      await client.hset(KEY, { live: build, previous: live, last: Math.max(build, last) });
    },
  };
};
