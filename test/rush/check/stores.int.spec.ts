/**
 * The check on real stores: a sound program is sound everywhere, and what is bent in one of them is
 * found.
 */
import { Redis } from 'ioredis';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engineCodec } from '../../../src/event-catalogue.ts';
import { encodeEvents, openEventStore, streamName } from '../../../src/eventstore/index.ts';
import { createGate, packSeats, seatStatus } from '../../../src/gate/index.ts';
import { gateKeys } from '../../../src/gate/keys.ts';
import { migrate } from '../../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../../src/postgres/pool.ts';
import type { Database } from '../../../src/projections/database.ts';
import type { Acknowledged, CheckReport } from '../../../src/rush/check/index.ts';
import { runCheck } from '../../../src/rush/check/index.ts';
import { ANN, auditOf, BEN, logged, PROGRAM, queued, soundStory, type Told } from '../../auditor/story.ts';
import { applyInBatches, emptyTables } from '../../projections/read-models.ts';
import { useStores } from '../../support/stores.ts';

const stores = useStores();
const ACKNOWLEDGED: readonly Acknowledged[] = [
  { orderNumber: '1', buyer: ANN, as: 'placed' },
  { orderNumber: '2', buyer: BEN, as: 'placed' },
];
/** Behind every event that these tests write. */
const FAR_POSITION = String(2n ** 50n);
const OTHER_PROGRAM = queued(900, { programId: `${PROGRAM}-2` as typeof PROGRAM });

let postgres: Postgres;
let redis: Redis;

beforeAll(async () => {
  postgres = openPostgres({ url: stores.postgresUrl, max: 2, onError: () => undefined });
  // Inferred, its kind takes the compiler a seventh of the time that the whole project does.
  redis = new Redis<'legacy'>(stores.redisUrl);
  await migrate(postgres.db);
  await append([...soundStory(), OTHER_PROGRAM]);
});

afterAll(async () => {
  redis.disconnect();
  await postgres.close();
});

beforeEach(async () => {
  await fillSql(postgres.db);
  await fillRedis();
});

async function append(story: readonly Told[]): Promise<void> {
  const store = openEventStore({ connectionString: stores.eventStoreUrl });
  try {
    for (const [index, { stream, event }] of story.entries()) {
      const [category = '', ...id] = stream.split('-');
      const name = streamName(category, id.join('-'));
      const context = { causationId: `cause-${index}`, correlationId: 'test', actor: 'test' };
      const known = await store.lastEvent(name);
      const expected = known === undefined ? 'no_stream' : known.revision;
      await store.append(name, expected, encodeEvents(engineCodec, name, [event], context));
    }
  } finally {
    await store.close();
  }
}

async function fillSql(db: Kysely<Database>): Promise<void> {
  await emptyTables(db);
  await sql`truncate projection`.execute(db);
  const told = logged(soundStory()).map((event, index) => ({ ...event, position: BigInt(index) }));
  await applyInBatches(db, [told]);
  const far = { position: FAR_POSITION, recorded_at_ms: null, stopped: null };
  await db
    .insertInto('projection')
    .values({ name: 'orders', version: 1, ...far })
    .execute();
}

async function fillRedis(): Promise<void> {
  await redis.flushall();
  const [audited] = auditOf(logged(soundStory())).programs;
  if (audited === undefined) throw new Error('The story is of one program.');
  const { stock, seatStatus: statusOf, saleRevision } = audited;
  const seats = packSeats(14, (seat) => seatStatus[statusOf(seat) ?? 'blocked']);
  const gate = createGate({ client: redis, nowMs: Date.now, onTrouble: () => undefined });
  const categories = stock.map(({ capacity, held, sold }, category) => ({
    category,
    places: capacity - held - sold,
  }));
  await gate.refill({
    programId: PROGRAM,
    revision: BigInt(saleRevision),
    limitPerBuyer: 6,
    buyers: [],
    categories,
    seats,
  });
}

const check = (change: Partial<Parameters<typeof runCheck>[0]> = {}): Promise<CheckReport> => {
  const { eventStoreUrl, postgresUrl, redisUrl } = stores;
  const urls = { eventStoreUrl, postgresUrl, redisUrl };
  return runCheck({ ...urls, programId: PROGRAM, acknowledged: ACKNOWLEDGED, catchUpMs: 0, ...change });
};

const found = async (name: string): Promise<readonly string[]> =>
  (await check()).findings.find((finding) => finding.name === name)?.examples ?? [];

describe('a sound program', () => {
  it('is found sound, and nothing of another one is looked at', async () => {
    const report = await check();
    expect(report.findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, events: soundStory().length, orders: 2, acknowledged: 2 });
  });

  it('is not found where the log has no sale of it', async () => {
    const programId = `${PROGRAM}-3` as typeof PROGRAM;
    await expect(check({ programId })).rejects.toThrow(`The log has no sale of program ${programId}.`);
  });
});

describe('an acknowledged order', () => {
  it('that is not in the log breaks its promise', async () => {
    const report = await check({ acknowledged: [{ orderNumber: '77', buyer: ANN, as: 'placed' }] });
    expect(report.ok).toBe(false);
    expect(report.findings.find(({ name }) => name === 'acknowledged')?.broken).toBe(1);
  });
});

describe('SQL', () => {
  it.each([
    [
      'another status',
      "update order_ set status = 'paid' where order_number = 1",
      'order 1: status is paid in SQL, issued in the log',
    ],
    [
      'another seat',
      'update order_line set seat = 9 where order_number = 1 and line = 0',
      'order 1: tickets is stalls/9, stalls/1 refunded in SQL, stalls/0, stalls/1 refunded in the log',
    ],
    ['a missing order', 'delete from order_ where order_number = 2', 'SQL does not have order 2'],
    [
      'an order that never was',
      `insert into order_ (gene, order_number, program_id, buyer, status, refunded_minor, asked_at_ms)
       values (1, 257, 'swan-lake', 'ann', 'queued', 0, 0)`,
      'SQL has order 257, the log has not',
    ],
    [
      'other stock',
      "update category_stock set held = 3 where category_id = 'stalls'",
      'stalls: 3 held and 1 sold of 13 in SQL, 0 held and 1 sold of 13 in the log',
    ],
    [
      'a read model that stopped',
      "update projection set position = 0, stopped = '{}'",
      expect.stringMatching(/^orders stopped at 0, the log at \d+$/),
    ],
  ])('with %s breaks its promise', async (_, statement, example) => {
    await sql.raw(statement).execute(postgres.db);
    expect(await found('read_models')).toEqual([example]);
  });
});

describe('Redis', () => {
  const keys = gateKeys(PROGRAM);

  it('with other stock breaks its promise', async () => {
    await redis.hincrby(keys.stock, '0:0', 1);
    expect(await found('read_models')).toEqual(['stalls: 13 free in Redis, 12 in the log']);
  });

  it('with places that are reserved for nobody breaks its promise', async () => {
    await redis.hset(keys.pending, '1:0', 2);
    expect(await found('read_models')).toEqual(['standing: 2 places are reserved in Redis for nobody']);
  });

  it('with another seat map breaks its promise', async () => {
    await redis.setbit(keys.seats, 7, 1);
    expect(await found('read_models')).toEqual(['seat 0 is blocked in Redis, sold in the log']);
  });

  it('without counters, or with old ones, breaks its promise', async () => {
    await redis.hset(keys.stock, 'revision', 3);
    expect(await found('read_models')).toEqual(['Redis is at revision 3 of the sale, the log at 6']);
    await redis.flushall();
    expect(await found('read_models')).toEqual(['Redis has no counters of this program']);
  });
});
