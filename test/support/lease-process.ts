/**
 * A process that wants these leases and says on stdout when their work starts and stops, so that tests can kill or
 * freeze a holder. Arguments: database URL, holder, TTL in ms, names.
 */
import { openPostgres } from '../../src/postgres/pool.ts';
import { createWorkLeases } from '../../src/postgres/work-leases.ts';

const [url = '', holder = '', ttlMs = '', ...names] = process.argv.slice(2);
const postgres = openPostgres({ url, max: 2, onError: () => undefined });
const leases = createWorkLeases(postgres.db, holder, { ttlMs: Number(ttlMs), pollMs: 50 });
for (const name of names) {
  leases.holdWhile(name, {
    start: async (lost) => {
      console.log(`started ${name}`);
      lost.addEventListener('abort', () => console.log(`lost ${name}`));
      return { stop: async () => console.log(`stopped ${name}`) };
    },
  });
}
process.once('SIGTERM', async () => {
  await leases.stop();
  await postgres.close();
});
