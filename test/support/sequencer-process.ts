/**
 * A process that decides queued orders, in those lanes that it holds, and says so on stdout: so that tests can kill it.
 * Arguments: database URL, event store URL, holder, TTL in ms.
 */
import { createLaneFollower } from '../../src/commands/dispatch/lane-follower.ts';
import { LANES, laneOfStream, laneStream } from '../../src/domain/order-queue/index.ts';
import { orderQueueCodec } from '../../src/event-catalogue.ts';
import { openEventStore } from '../../src/eventstore/index.ts';
import { logSource } from '../../src/eventstore/log-source.ts';
import { systemTiming } from '../../src/eventstore/timing.ts';
import { openPostgres } from '../../src/postgres/pool.ts';
import { createLaneCheckpoints, createProcessCheckpoints } from '../../src/postgres/process-checkpoints.ts';
import { createWorkLeases } from '../../src/postgres/work-leases.ts';
import { createNode } from '../commands/dispatch/node.ts';

const [postgresUrl = '', eventStoreUrl = '', holder = '', ttlMs = ''] = process.argv.slice(2);
const store = openEventStore({ connectionString: eventStoreUrl });
const postgres = openPostgres({ url: postgresUrl, max: 4, onError: () => undefined });
const leases = createWorkLeases(postgres.db, holder, { ttlMs: Number(ttlMs), pollMs: 50 });
const follower = createLaneFollower({
  sale: createNode(store, 9).deps.sale,
  nowMs: Date.now,
  sleep: systemTiming.sleep,
  checkpoints: createLaneCheckpoints(createProcessCheckpoints(postgres.db)),
  sourceOf: (lanes) =>
    logSource(store, orderQueueCodec, {
      name: 'sequencer',
      streamPrefixes: lanes.map(laneStream),
      batchMaxWaitMs: 0,
    }),
  onDecided: (orderNumber, outcome) => console.log(`${orderNumber} ${outcome.kind}`),
});
leases.holdShare(
  'lanes',
  Array.from({ length: LANES }, (_, lane) => laneStream(lane)),
  (name) => ({
    start: async () => {
      const following = await follower.follow(laneOfStream(name) ?? -1);
      console.log(`follows ${name}`);
      return following;
    },
  }),
);
process.once('SIGTERM', async () => {
  await leases.stop();
  await follower.stop();
  await store.close();
  await postgres.close();
});
