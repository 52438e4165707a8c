/**
 * Twenty rushes, and in each of them the engine is killed with -9 at some moment: whatever that moment was, everybody
 * has what they were told, nothing is sold twice, and every hold ends. A round ends when the engine is back; what is
 * left of it, payments and endings, runs on into the kills of the next rounds.
 */
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dispatchModes } from '../../src/domain/shared/dispatch-mode.ts';
import { engineCodec } from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { logSource } from '../../src/eventstore/log-source.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { isPostgresUnavailable } from '../../src/postgres/unavailable.ts';
import { createProjections } from '../../src/projections/registry.ts';
import { PROJECTIONS_BATCH_MAX_EVENTS, startProjections } from '../../src/projections/runner.ts';
import { checkProgram } from '../../src/rush/check/index.ts';
import type { RushReport } from '../../src/rush/rush.ts';
import { contents } from '../projections/read-models.ts';
import { type EngineBeside, engineBeside, randomKeys } from '../support/engine-beside.ts';
import { printedRandom } from '../support/random.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { brokenIn, nothingBroken, rushThrough } from './rushing.ts';

const ROUNDS = 20;
const SEATS = 120;
const BUYERS = 200;
/** On a machine that does much else. */
const LONG_MS = 900_000;
/** Beyond 1: while the last orders are paid and cancelled. */
const LATEST_KILL = 1.2;

type Opened = {
  readonly log: EventStore;
  readonly sql: pg.Client;
  readonly redis: Redis;
  readonly close: () => Promise<void>;
};

const random = printedRandom();
const stores = useStores();
const keys = randomKeys();
let engine: EngineBeside;
let opened: Opened;

beforeAll(async () => {
  engine = await engineBeside(stores, keys, { SEATLOG_LOG_LEVEL: 'warn' });
  await engine.start();
  opened = await openStores();
});

afterAll(async () => {
  await engine.stop();
  await opened.close();
});

it(
  `keeps every promise through ${ROUNDS} kills at random moments of rushes in all modes`,
  async () => {
    const quiet = createGate();
    const rushes: Promise<RushReport>[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { report, incident } = rushThrough(
        { keys, check: (asked) => quiet.pass(() => checkProgram(opened, { ...asked, graceMs: 0 })) },
        {
          urls: [engine.url],
          modes: [dispatchModes[round % dispatchModes.length] ?? 'v1'],
          seed: 1_000 + round,
          ...{ seats: SEATS, buyers: BUYERS },
        },
        { atShare: random.next() * LATEST_KILL, happens: killAndRestart },
      );
      rushes.push(report);
      // Awaited below, where it fails the test; until then nobody listens.
      report.catch(() => undefined);
      await incident;
    }
    quiet.open();
    const modes = (await Promise.all(rushes)).flatMap((report) => report.modes);
    expect(modes.map(brokenIn)).toEqual(modes.map(nothingBroken));
    expect(modes.map(({ ending }) => ending.heldAfterwards)).toEqual(modes.map(() => 0));
    expect(modes.filter(({ lost }) => lost > 0).length).toBeGreaterThan(ROUNDS / 2);
    // Who never heard of their first request hears of its order when they repeat it.
    expect(modes.flatMap(({ refused }) => Object.keys(refused))).not.toContain('repeated');
    expect(engine.errors()).toEqual([]);
    await expectRebuildEqual();
  },
  LONG_MS,
);

async function killAndRestart(): Promise<void> {
  await engine.kill();
  await engine.start();
}

/** Holds everybody back until it opens; then one at a time. */
function createGate() {
  let open = (): void => undefined;
  let last: Promise<unknown> = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    open: () => open(),
    pass: <T>(work: () => Promise<T>): Promise<T> => {
      const done = last.then(work, work);
      last = done;
      return done;
    },
  };
}

/** For the checks, which are of one process, and so of one client of the event store. */
async function openStores(): Promise<Opened> {
  const log = openEventStore({ connectionString: stores.eventStoreUrl });
  const sqlClient = new pg.Client({ connectionString: stores.postgresUrl });
  await sqlClient.connect();
  const redis = new Redis(stores.redisUrl);
  const close = async (): Promise<void> => {
    redis.disconnect();
    await sqlClient.end();
    await log.close();
  };
  return { log, sql: sqlClient, redis, close };
}

/** Every table of the read models, against one that was filled by the whole log in a database of its own. */
async function expectRebuildEqual(): Promise<void> {
  const open = (url: string): Postgres => openPostgres({ url, max: 4, onError: () => undefined });
  const live = open(stores.postgresUrl);
  await sql`create database rebuilt`.execute(live.db);
  const rebuiltUrl = new URL(stores.postgresUrl);
  rebuiltUrl.pathname = '/rebuilt';
  const rebuilt = open(rebuiltUrl.href);
  try {
    await migrate(rebuilt.db);
    const projections = createProjections();
    const runner = await startProjections({
      db: rebuilt.db,
      source: logSource(opened.log, engineCodec, {
        name: 'rebuild',
        eventTypes: [...new Set(projections.flatMap(({ handles }) => handles))],
        batchMaxEvents: PROJECTIONS_BATCH_MAX_EVENTS,
      }),
      projections,
      isUnavailable: isPostgresUnavailable,
      onStopped: (name, { error }) => {
        throw new Error(`${name}: ${error}`);
      },
    });
    const target = await leastPosition(live);
    await until('the rebuild has seen the log', async () => (await leastPosition(rebuilt)) >= target);
    await runner.stop();
    const rows = await contents(live.db);
    expect(rows['order_']?.length).toBeGreaterThan(ROUNDS);
    expect(await contents(rebuilt.db)).toEqual(rows);
  } finally {
    await rebuilt.close();
    await live.close();
  }
}

async function leastPosition({ db }: Postgres): Promise<bigint> {
  const { rows } = await sql<{ least: string }>`select min(position) as least from projection`.execute(db);
  return BigInt(rows[0]?.least ?? -1);
}
