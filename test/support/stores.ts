/**
 * Real stores for a test file: a database of its own in the PostgreSQL of the run, and a Redis and an event store that
 * nobody else uses. All are gone when the file is done.
 */
import { afterAll, beforeAll, inject } from 'vitest';
import { type Devstore, startDevstore } from './devstore-process.ts';
import { useRedisServer } from './redis-server.ts';

export type TestStores = {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly eventStoreUrl: string;
};

/** Call it once at the top of a test file; the fields may be used inside hooks and tests. */
export function useStores(): TestStores {
  const database = useDatabaseUrl();
  const redis = useRedisServer();
  let devstore: Devstore | undefined;
  beforeAll(async () => {
    devstore = await startDevstore();
  });
  afterAll(() => devstore?.close());
  return {
    get postgresUrl() {
      return database.postgresUrl;
    },
    get redisUrl() {
      return redis.url;
    },
    get eventStoreUrl() {
      if (devstore === undefined) throw new Error('The stores of this file have not been started yet.');
      return devstore.url;
    },
  };
}

/** A migrated database without rows, for a test file that needs no other store. Call it once at the top. */
export function useDatabaseUrl(): Pick<TestStores, 'postgresUrl'> {
  const server = inject('databaseServer');
  let url: string | undefined;
  beforeAll(async () => {
    const answer = await fetch(server, { method: 'POST' });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`There is no database for this file: ${text}`);
    url = text;
  });
  afterAll(async () => {
    if (url !== undefined) await fetch(server, { method: 'DELETE', body: url });
  });
  return {
    get postgresUrl() {
      if (url === undefined) throw new Error('The database of this file has not been made yet.');
      return url;
    },
  };
}
