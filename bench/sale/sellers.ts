/** Everybody who sells: the plain design, the floor, and the engine in two modes. */
import { createEngineApi } from '../../src/rush/engine-api.ts';
import { openHttps } from '../../src/rush/http.ts';
import { createTokens } from '../../src/rush/tokens.ts';
import { startForked } from '../support/forked.ts';
import { engineSeller, type ModeOptions } from './engine-seller.ts';
import { opponent } from './opponent.ts';
import type { Seller } from './seller.ts';
import type { FloorStart, PlainStart } from './starts.ts';

export type Sellers = {
  readonly all: readonly Seller[];
  /** The CPU time so far of each process that answers, in ms. */
  readonly servers: readonly (() => number)[];
  readonly close: () => Promise<void>;
};

export type SellersOptions = Pick<ModeOptions, 'engine' | 'connections' | 'knownBuyers'> & {
  readonly tokenKey: Uint8Array;
  /** Of the plain design to PostgreSQL, at most. */
  readonly poolMax: number;
};

/** Each in a process of its own, over the same stores. */
export const openSellers = async (options: SellersOptions): Promise<Sellers> => {
  const { engine, connections, knownBuyers, tokenKey, poolMax } = options;
  const { redisUrl, eventStoreUrl } = engine;
  const databaseUrl = await engine.createDatabase();
  const plainStart: PlainStart = { databaseUrl, poolMax, tokenKey: Buffer.from(tokenKey).toString('hex') };
  const floorStart: FloorStart = { redisUrl, eventStoreUrl };
  const plain = await startForked(new URL('./plain-design.ts', import.meta.url), plainStart);
  const floor = await startForked(new URL('./floor.ts', import.meta.url), floorStart);
  const tokenFor = createTokens(tokenKey);
  const http = openHttps([engine.url], connections);
  const api = createEngineApi(http, tokenFor, { tolerateRestarts: false, onRetry: () => undefined });
  const modes = { engine, connections, tokenFor, api, knownBuyers };
  return {
    all: [
      opponent('plain', plain, tokenFor, connections),
      opponent('floor', floor, tokenFor, connections),
      engineSeller('v3', modes),
      engineSeller('v4', modes),
    ],
    servers: [plain.cpuMs, floor.cpuMs, () => engine.cpuMs('engine')],
    close: async () => {
      await Promise.all([http.close(), plain.close(), floor.close()]);
    },
  };
};
