/**
 * A process that rebuilds one read model and says on stdout how far it is, so that tests can kill it. Arguments: database
 * URL, event store URL, name. Its last line is the result.
 */
import { openEventStore } from '../../src/eventstore/index.ts';
import { openPostgres } from '../../src/postgres/pool.ts';
import { createSqlRebuildables } from '../../src/projections/builds/index.ts';
import { quietly, sqlBuildDeps } from '../projections/builds/deps.ts';

const [postgresUrl = '', eventStoreUrl = '', name = ''] = process.argv.slice(2);
/** Small enough that there are many places to be killed at. */
const PAGE_MAX_EVENTS = 100;

const store = openEventStore({ connectionString: eventStoreUrl });
const postgres = openPostgres({ url: postgresUrl, max: 3, onError: () => undefined });
const deps = { ...sqlBuildDeps(postgres.db, postgresUrl, store), pageMaxEvents: PAGE_MAX_EVENTS };
const rebuildable = createSqlRebuildables(deps).find((one) => one.name === name);
console.log('begins');
const result = await rebuildable?.rebuild(
  quietly({ onProgress: ({ phase, events }) => console.log(`${phase} ${events}`) }),
);
console.log(`done ${JSON.stringify({ ...result, differences: result?.differences.count })}`);
await store.close();
await postgres.close();
