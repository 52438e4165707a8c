/** Order numbers under leases in a real database: renewed in time, never twice, also while the database is away. */
import { sql } from 'kysely';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { NoNumberError, type OpenOrderNumbers, openOrderNumbers } from '../../src/commands/order-numbers.ts';
import { type OrderNumber, userIdSchema } from '../../src/domain/shared/ids.ts';
import { decodeNumber } from '../../src/domain/shared/order-number.ts';
import { systemTiming } from '../../src/eventstore/timing.ts';
import { createWorkerLeases } from '../../src/postgres/worker-leases.ts';
import { useDatabase } from '../projections/read-models.ts';
import { until } from '../support/until.ts';

const database = useDatabase();
const ANN = userIdSchema.parse('ann');
const MINUTE_MS = 60_000;

beforeEach(() => sql`update worker_lease set until_ms = 0, holder = null`.execute(database.db));

function open(holder: string, nowMs: () => number = Date.now): OpenOrderNumbers {
  const leases = createWorkerLeases(database.db, holder);
  const numbers = openOrderNumbers({ leases, nowMs, sleep: systemTiming.sleep });
  onTestFinished(() => numbers.stop());
  return numbers;
}

const leftMs = (numbers: OpenOrderNumbers) => (numbers.state().untilMs ?? 0) - Date.now();

/** As long as it lasts, the leases cannot be asked for. */
async function withoutLeases(work: () => Promise<void>): Promise<void> {
  await sql`alter table worker_lease rename to worker_lease_away`.execute(database.db);
  try {
    await work();
  } finally {
    await sql`alter table worker_lease_away rename to worker_lease`.execute(database.db);
  }
}

const isRefused = (numbers: OpenOrderNumbers, nowMs: number): boolean => {
  try {
    numbers.order(ANN, nowMs);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(NoNumberError);
    return true;
  }
};

describe('order numbers', () => {
  it('are refused before there is a lease, and then to be had for more than a minute', async () => {
    const numbers = open('a');
    expect(() => numbers.order(ANN, Date.now())).toThrow(NoNumberError);
    await numbers.ready;
    numbers.order(ANN, Date.now());
    await until('a minute is in hand', () => leftMs(numbers) > MINUTE_MS);
    expect(leftMs(numbers)).toBeLessThan(1.5 * MINUTE_MS);
  });

  it('go on through a minute without the database, stop behind it, and go on when it is back', async () => {
    let aheadMs = 0;
    const nowMs = () => Date.now() + aheadMs;
    const numbers = open('a', nowMs);
    await until('a minute is in hand', () => leftMs(numbers) > MINUTE_MS);
    await withoutLeases(async () => {
      aheadMs = MINUTE_MS;
      expect(isRefused(numbers, nowMs())).toBe(false);
      aheadMs = 2 * MINUTE_MS;
      expect(isRefused(numbers, nowMs())).toBe(true);
      await until('one sees why', () => numbers.state().lastError?.includes('worker_lease') === true);
    });
    await until('there are numbers again', () => !isRefused(numbers, nowMs()));
    await until('nothing is wrong any more', () => numbers.state().lastError === undefined);
  });

  it('never repeat when a worker id goes to another process meanwhile', async () => {
    const made: OrderNumber[] = [];
    let aheadMs = 0;
    const nowMs = () => Date.now() + aheadMs;
    await sql`update worker_lease set until_ms = 8e12 where worker_id > 1`.execute(database.db);
    const a = open('a', nowMs);
    await a.ready;
    made.push(a.order(ANN, nowMs()));
    const first = a.state().workerId;
    await until('a minute is in hand', () => leftMs(a) > MINUTE_MS);
    await sql`update worker_lease set holder = 'b', until_ms = until_ms + 10000
      where worker_id = ${first}`.execute(database.db);
    aheadMs = MINUTE_MS / 2;
    await until('it has another id', () => {
      made.push(a.order(ANN, nowMs()));
      return a.state().workerId !== first;
    });
    made.push(a.order(ANN, nowMs()));
    expect(new Set(made).size).toBe(made.length);
    expect(decodeNumber(made.at(-1) ?? a.order(ANN, nowMs())).workerId).not.toBe(first);
  });

  it('give back what is left of the lease when they are stopped, and no number after that', async () => {
    const numbers = open('a');
    await until('a minute is in hand', () => leftMs(numbers) > MINUTE_MS);
    const last = numbers.order(ANN, Date.now());
    const { workerId = -1 } = numbers.state();
    await numbers.stop();
    const row = await database.db
      .selectFrom('worker_lease')
      .select(['until_ms', 'holder'])
      .where('worker_id', '=', workerId)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ until_ms: String(decodeNumber(last).timeMs + 1), holder: null });
    expect(() => numbers.order(ANN, Date.now())).toThrow(NoNumberError);
  });

  it('are never the same at two processes', async () => {
    const both = [open('a'), open('b')];
    await Promise.all(both.map(({ ready }) => ready));
    const made = Array.from({ length: 2_000 }, (_, index) => both[index % 2]?.order(ANN, Date.now()));
    expect(new Set(made).size).toBe(2_000);
  });
});
