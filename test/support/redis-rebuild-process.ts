/**
 * A process that rebuilds the gate and says on stdout what it is doing, so that tests can kill it there. Arguments: URLs of
 * the event store and of Redis, and how many events a page of the log has at most.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStore } from '../../src/eventstore/index.ts';
import { createRedisRebuildables } from '../../src/live/rebuild/index.ts';
import { openRedis } from '../../src/redis.ts';

const [eventStoreUrl = '', redisUrl = '', pageMaxEvents = '4096'] = process.argv.slice(2);
const store = openEventStore({ connectionString: eventStoreUrl });
const redis = openRedis(redisUrl, () => undefined);
await redis.ping();
const [gate] = createRedisRebuildables({
  ...{ client: redis.client, store, nowMs: Date.now, release: 'test' },
  actor: 'olga',
  pageMaxEvents: Number(pageMaxEvents),
  sleep: (delayMs) => sleep(delayMs),
});
const { outcome } = (await gate?.rebuild({
  signal: new AbortController().signal,
  onProgress: ({ phase }) => console.log(phase),
  keepOld: false,
  accept: async () => true,
})) ?? { outcome: 'nothing' };
console.log(outcome);
await redis.close();
await store.close();
