/** The engine's Redis connection: reconnects for ever, and says no at once while it is disconnected. */
import { once } from 'node:events';
import { Redis as Client } from 'ioredis';

const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 2_000;
const CONNECTING: ReadonlySet<string> = new Set(['connecting', 'connect']);

export type Redis = {
  readonly client: Client;
  /** Rejects when Redis does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Does not wait for the connection: until it stands, commands are refused and `ping` says why. */
export function openRedis(url: string, onError: (error: Error) => void): Redis {
  const client = new Client(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A command that waits in memory for a lost connection would make every caller late instead of degraded.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * RETRY_MIN_MS, RETRY_MAX_MS),
  });
  client.on('error', onError);
  return {
    client,
    async ping() {
      // A connection that is just being made ends soon, as ready or as an error: that is the answer then.
      if (CONNECTING.has(client.status)) await once(client, 'ready');
      await client.ping();
    },
    async close() {
      client.disconnect();
    },
  };
}
