/**
 * Gives a contract file its event store: the server named by SEATLOG_TEST_EVENTSTORE_URL, else a devstore process
 * of its own. One client per file, because the client's pending appends are shared by all clients of a process.
 */
import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, beforeAll } from 'vitest';
import { type Devstore, startDevstore } from './devstore-process.ts';

export type TestEventstore = { readonly client: EventStoreDBClient; readonly url: string };

/** Call it once at the top of a test file; the fields may be used inside hooks and tests. */
export function useEventstore(): TestEventstore {
  let client: EventStoreDBClient | undefined;
  let url = process.env['SEATLOG_TEST_EVENTSTORE_URL'];
  let devstore: Devstore | undefined;
  beforeAll(async () => {
    if (url === undefined) {
      devstore = await startDevstore();
      url = devstore.url;
    }
    client = EventStoreDBClient.connectionString(url);
  });
  afterAll(async () => {
    await client?.dispose();
    await devstore?.close();
  });
  return {
    get client() {
      if (!client) throw new Error('The event store of this file has not been started yet.');
      return client;
    },
    get url() {
      if (!url) throw new Error('The event store of this file has not been started yet.');
      return url;
    },
  };
}
