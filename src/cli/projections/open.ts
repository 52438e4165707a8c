/** The stores of a running engine as these commands use them: each is opened when it is first asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, maskPasswords } from '../../config.ts';
import { type EventStore, openEventStore } from '../../eventstore/index.ts';
import { openPostgres, type Postgres } from '../../postgres/pool.ts';
import type { Db } from '../../projections/database.ts';
import { openRedis, type Redis } from '../../redis.ts';
import { eventStoreUrlOf, postgresUrlOf, redisUrlOf, type StoreFlags } from '../running-stores.ts';

/** One for the advisory lock, one for the checkpoint, and some to read and write with. */
const POSTGRES_MAX_CONNECTIONS = 8;
const PING_MS = 10_000;

type StoreName = 'postgres' | 'redis' | 'eventstore';

/** Nothing can be done without it; its message names the store and where it was looked for. */
export class StoreAwayError extends Error {
  override readonly name = 'StoreAwayError';
  readonly code: `${StoreName}_unavailable`;

  constructor(store: StoreName, url: string, cause: unknown) {
    const why = reasonOf(cause);
    super(`The store at ${maskPasswords(url)} does not answer${why === '' ? '' : ` (${why})`}.`, { cause });
    this.code = `${store}_unavailable`;
  }
}

/** Each throws `UsageError` where nothing tells its address, and rejects with `StoreAwayError`. */
export type OpenStores = {
  readonly eventStore: () => Promise<EventStore>;
  readonly db: () => Promise<Db>;
  readonly postgresUrl: () => string;
  readonly redis: () => Promise<Redis['client']>;
  readonly close: () => Promise<void>;
};

export const openStores = (flags: StoreFlags, config: Config): OpenStores => {
  const closing: (() => Promise<void>)[] = [];
  const postgresUrl = (): string => postgresUrlOf(flags, config);
  const opened = <Store extends { ping(): Promise<void>; close(): Promise<void> }>(
    name: StoreName,
    urlOf: () => string,
    open: (url: string) => Store,
  ) =>
    once(async (): Promise<Store> => {
      const url = urlOf();
      const store = open(url);
      try {
        await answered(store.ping());
      } catch (cause) {
        // One that does not answer need not say goodbye either.
        void store.close().catch(() => undefined);
        throw new StoreAwayError(name, url, cause);
      }
      closing.push(() => store.close());
      return store;
    });
  // What is wrong with a connection comes up where it is used.
  const onError = (): void => undefined;
  const postgres = opened<Postgres>('postgres', postgresUrl, (url) =>
    openPostgres({ url, max: POSTGRES_MAX_CONNECTIONS, onError }),
  );
  const redis = opened<Redis>(
    'redis',
    () => redisUrlOf(flags, config),
    (url) => openRedis(url, onError),
  );
  const eventStore = opened<EventStore>(
    'eventstore',
    () => eventStoreUrlOf(flags, config),
    (url) => openEventStore({ connectionString: url }),
  );
  return {
    eventStore,
    db: async () => (await postgres()).db,
    postgresUrl,
    redis: async () => (await redis()).client,
    close: async () => {
      await Promise.allSettled(closing.map((close) => close()));
    },
  };
};

/** A server that was frozen takes connections and says nothing. */
const answered = async (ping: Promise<void>): Promise<void> => {
  const late = new AbortController();
  const waiting = delay(PING_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer within ${PING_MS / 1_000} s`);
  });
  try {
    await Promise.race([ping, waiting]);
  } finally {
    ping.catch(() => undefined);
    waiting.catch(() => undefined);
    late.abort();
  }
};

/** Until it works. */
const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
};

/** An attempt at several addresses says nothing itself: what it tried does. */
const reasonOf = (cause: unknown): string => {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? maskPasswords(cause.message) : String(cause);
};
