/**
 * Two engines on the same stores, with every buyer's requests spread over both: they share the sale, the work of a
 * worker and the memory of nobody, and either may leave in the middle.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { runCheck } from '../../src/rush/check/index.ts';
import type { RushDeps } from '../../src/rush/rush.ts';
import { type EngineBeside, engineBeside, randomKeys } from '../support/engine-beside.ts';
import { printedRandom } from '../support/random.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { brokenIn, type Incident, nothingBroken, rushThrough, type SmallRush } from './rushing.ts';

const SEATS = 120;
const BUYERS = 300;

const random = printedRandom();
const stores = useStores();
const keys = randomKeys();
let one: EngineBeside;
let other: EngineBeside;
let postgres: Postgres;

beforeAll(async () => {
  postgres = openPostgres({ url: stores.postgresUrl, max: 2, onError: () => undefined });
  const settings = { SEATLOG_LOG_LEVEL: 'warn' };
  [one, other] = await Promise.all([
    engineBeside(stores, keys, settings),
    engineBeside(stores, keys, settings),
  ]);
  await one.start();
  await other.start();
});

afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await postgres.close();
});

const check: RushDeps['check'] = (asked) =>
  runCheck({
    eventStoreUrl: stores.eventStoreUrl,
    postgresUrl: stores.postgresUrl,
    redisUrl: stores.redisUrl,
    ...asked,
  });

const rush = async (change: Pick<SmallRush, 'modes' | 'seed'>, incident?: Incident) => {
  const small = { urls: [one.url, other.url], seats: SEATS, buyers: BUYERS, ...change };
  const running = rushThrough({ keys, check }, small, incident);
  const [report] = await Promise.all([running.report, running.incident]);
  return report.modes;
};

/** Who holds each piece of work that only one process does. */
const owners = async (): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ holder: string }>`
    select distinct holder from work_lease where until > now()`.execute(postgres.db);
  return new Set(rows.map(({ holder }) => holder));
};

describe('two engines on the same stores', () => {
  it('sell together without wronging anybody, in each of the four modes', async () => {
    const modes = await rush({ modes: ['v1', 'v2', 'v3', 'v4'], seed: 1 });
    expect(modes.map(brokenIn)).toEqual(modes.map(nothingBroken));
    expect(modes.map(({ lost }) => lost)).toEqual([0, 0, 0, 0]);
    // What one of them has taken the other one finds, when it is asked a moment later.
    expect(modes.map(({ unseen }) => unseen)).toEqual([0, 0, 0, 0]);
    for (const { ending, accepted } of modes) {
      expect(ending).toMatchObject({ heldAfterwards: 0, capacity: SEATS });
      expect(accepted).toBeGreaterThan(0);
    }
  });

  it('share the work', async () => {
    await until('both hold leases', async () => (await owners()).size === 2);
  });

  it('go on as one when the other is stopped in the middle, and nobody is told of an error', async () => {
    const stopped = { code: -1 as number | null };
    const modes = await rush(
      { modes: ['v2'], seed: 2 },
      {
        atShare: random.next(),
        happens: async () => {
          stopped.code = await one.stop();
        },
      },
    );
    expect(stopped.code).toBe(0);
    expect(modes.map(brokenIn)).toEqual(modes.map(nothingBroken));
    expect((await owners()).size).toBe(1);
    await one.start();
  });

  it('go on as one when the other is killed in the middle, queued orders too', async () => {
    // Both have lanes, so that half of them have to move.
    await until('both hold leases', async () => (await owners()).size === 2);
    const modes = await rush({ modes: ['v4'], seed: 3 }, { atShare: random.next(), happens: other.kill });
    expect(modes.map(brokenIn)).toEqual(modes.map(nothingBroken));
    expect((await owners()).size).toBe(1);
    await other.start();
  });

  it('have logged no error', () => {
    expect([...one.errors(), ...other.errors()]).toEqual([]);
  });
});
