/**
 * What a lease promises: the times of a worker id never overlap, whoever holds it, whatever the clocks say.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NumberLease, ORDER_EPOCH_MS, WORKERS } from '../../src/domain/shared/order-number.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createWorkerLeases, LEASE_WINDOW_MS } from '../../src/postgres/worker-leases.ts';
import { printedRandom } from '../support/random.ts';
import { useDatabaseUrl } from '../support/stores.ts';

const database = useDatabaseUrl();
let postgres: Postgres;

beforeAll(async () => {
  postgres = openPostgres({ url: database.postgresUrl, max: 20, onError: () => undefined });
  await migrate(postgres.db);
});
beforeEach(() => sql`update worker_lease set until_ms = 0, holder = null`.execute(postgres.db));
afterAll(() => postgres?.close());

const NOW_MS = ORDER_EPOCH_MS + 1_000_000_000;
const random = printedRandom();
const leasesOf = (holder: string) => createWorkerLeases(postgres.db, holder);

/** Throws when two of these grant one time of one worker. */
function expectApart(leases: readonly NumberLease[]): void {
  const endOf = new Map<number, number>();
  for (const { workerId, fromMs, untilMs } of [...leases].sort((one, other) => one.fromMs - other.fromMs)) {
    expect(fromMs).toBeGreaterThanOrEqual(endOf.get(workerId) ?? 0);
    expect(untilMs).toBeGreaterThan(fromMs);
    endOf.set(workerId, untilMs);
  }
}

describe('leases of worker ids', () => {
  it('give processes that start at once an id each', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `process-${index}`);
    const leases = await Promise.all(names.map((name) => leasesOf(name).take(NOW_MS)));
    expect(new Set(leases.map(({ workerId }) => workerId)).size).toBe(names.length);
  });

  it('go on where they ended, one window at a time', async () => {
    const { take, renew } = leasesOf('a');
    const first = await take(NOW_MS);
    expect(first.untilMs).toBe(NOW_MS + LEASE_WINDOW_MS);
    const second = await renew(first, NOW_MS + 1);
    const untilMs = first.untilMs + LEASE_WINDOW_MS;
    expect(second).toEqual({ workerId: first.workerId, fromMs: first.untilMs, untilMs });
  });

  it('are not renewed for a process that lost its id while it slept', async () => {
    const sleeper = leasesOf('sleeper');
    const lease = await sleeper.take(NOW_MS);
    const taken: NumberLease[] = [lease];
    for (let count = 0; count < WORKERS; count += 1) {
      taken.push(await leasesOf('others').take(NOW_MS + 60_000));
    }
    expect(taken.filter(({ workerId }) => workerId === lease.workerId)).toHaveLength(2);
    expect(await sleeper.renew(lease, NOW_MS + 60_001)).toBeUndefined();
    expectApart(taken);
  });

  it('begin after a crash where the times of the former holder end', async () => {
    const crashed = await leasesOf('crashed').take(NOW_MS);
    await sql`update worker_lease set until_ms = ${NOW_MS * 2} where worker_id <> ${crashed.workerId}`.execute(
      postgres.db,
    );
    const next = await leasesOf('restarted').take(NOW_MS - 3_600_000);
    expect(next).toMatchObject({ workerId: crashed.workerId, fromMs: crashed.untilMs });
  });

  it('give back unused times after a clean stop, and only their own', async () => {
    const stopping = leasesOf('stopping');
    const lease = await stopping.take(NOW_MS);
    const renewed = await stopping.renew(lease, NOW_MS);
    await stopping.handBack(lease, NOW_MS + 5);
    expect(await untilOf(lease.workerId)).toBe(renewed?.untilMs);
    if (renewed === undefined) throw new Error('It was renewed.');
    await leasesOf('stranger').handBack(renewed, NOW_MS + 5);
    expect(await untilOf(lease.workerId)).toBe(renewed.untilMs);
    await stopping.handBack(renewed, NOW_MS + 5);
    expect(await untilOf(lease.workerId)).toBe(NOW_MS + 6);
  });

  it('never overlap, with clocks that go wrong, ids that are shared and holders that race', async () => {
    await sql`update worker_lease set until_ms = ${NOW_MS * 2} where worker_id >= 3`.execute(postgres.db);
    const granted: NumberLease[] = [];
    const live = async (name: string) => {
      const leases = leasesOf(name);
      let lease: NumberLease | undefined;
      for (let round = 0; round < 40; round += 1) {
        const nowMs = NOW_MS + random.between(-100_000, 100_000);
        lease = (lease && (await leases.renew(lease, nowMs))) ?? (await leases.take(nowMs));
        granted.push(lease);
        if (random.between(0, 4) === 0) lease = undefined;
      }
    };
    await Promise.all(['a', 'b'].map(live));
    expectApart(granted);
  });
});

async function untilOf(workerId: number): Promise<number> {
  const { until_ms } = await postgres.db
    .selectFrom('worker_lease')
    .select('until_ms')
    .where('worker_id', '=', workerId)
    .executeTakeFirstOrThrow();
  return Number(until_ms);
}
