/** A read model that was swapped by a process that was killed before it could record that: the log says so all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { startChild } from '../support/child.ts';
import { runSeatlog, temporaryFolder } from '../support/engine.ts';
import { type EngineBeside, engineBeside, randomKeys } from '../support/engine-beside.ts';
import { eventsIn } from '../support/selling.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const stores = useStores();
const keys = randomKeys();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: EngineBeside;
let store: EventStore;

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = await engineBeside(stores, keys, { SEATLOG_LOG_LEVEL: 'fatal' });
  await engine.start();
  store = openEventStore({ connectionString: stores.eventStoreUrl });
});

afterAll(async () => {
  await store?.close();
  await engine?.stop();
  await folder?.remove();
});

const decisionsOf = (name: string) => eventsIn(store, `Projection-${name}`);

const swapAndDie = async (name: string): Promise<void> => {
  const child = startChild('rebuild-process', [stores.postgresUrl, stores.eventStoreUrl, name]);
  await until('it has swapped', () => child.lines.some((line) => line.startsWith('done')));
  await child.end('SIGKILL');
};

const verify = async (): Promise<string> => {
  const command = runSeatlog(['projections', 'verify', 'programs'], {
    ...keys.settings,
    SEATLOG_DATA_DIR: folder.path,
    SEATLOG_POSTGRES_URL: stores.postgresUrl,
    SEATLOG_REDIS_URL: stores.redisUrl,
    SEATLOG_EVENTSTORE_URL: stores.eventStoreUrl,
  });
  expect(await command.exited, command.output()).toMatchObject({ code: 0 });
  return command.output();
};

it('A running engine records it, once.', async () => {
  await swapAndDie('deadlines');
  await until('the log says so', async () => (await decisionsOf('deadlines')).length > 0);
  await verify();
  expect(await decisionsOf('deadlines')).toMatchObject([{ type: 'ProjectionRebuilt', data: { build: 2 } }]);
});

it('Without one, the next command records it and says so, once.', async () => {
  await engine.stop();
  await swapAndDie('payments');
  expect(await decisionsOf('payments')).toEqual([]);
  expect(await verify()).toMatch(/^payments: was rebuilt at \S+Z; the log says so now\.$/m);
  expect(await verify()).not.toContain('was rebuilt');
  expect(await decisionsOf('payments')).toMatchObject([{ type: 'ProjectionRebuilt' }]);
});

it('An engine that starts records it at once.', async () => {
  await swapAndDie('tickets');
  expect(await decisionsOf('tickets')).toEqual([]);
  await engine.start();
  await until('the log says so', async () => (await decisionsOf('tickets')).length > 0);
  expect(await decisionsOf('tickets')).toHaveLength(1);
});
