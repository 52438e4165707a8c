/**
 * How a sale goes, as its organiser sees it: stock now, and minute by minute what was held, sold and
 * refunded.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type SaleEvent, saleStream } from '../../src/domain/sale/index.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { salesCourse, salesTotals, stockOf } from '../../src/projections/sales-statistics/index.ts';
import { idOf, placeOrder, started, terms } from '../domain/sale/fixtures.ts';
import { applyInBatches, emptyTables, inLog, useDatabase } from './read-models.ts';

const database = useDatabase();
const PROGRAM = terms().programId;
const MINUTE = 60_000;
const T0_MS = Date.UTC(2026, 0, 1, 12);

const order = { orderNumber: idOf.order(1) };
const payment = { ...order, paymentNumber: idOf.payment(1) };
const { buyer, requestId, ticketUsers } = placeOrder();
const pair: [number, number][] = [
  [0, 0],
  [0, 1],
];
const hold: SaleEvent = {
  type: 'SeatsHeld',
  data: {
    ...{ holdToken: idOf.hold('h'), buyer, places: pair, together: 'row', expiresAtMs: 5, content: 1 },
  },
};
const placed: SaleEvent = {
  type: 'OrderPlaced',
  data: {
    ...{ ...order, buyer, requestId, content: 1, together: 'row', deadlineMs: 9, holdToken: idOf.hold('h') },
    tickets: ticketUsers.map((person, seat) => ({
      ...{ ...person, category: 0, seat, priceMinor: idOf.money(500) },
    })),
    amountMinor: idOf.money(1_000),
  },
};
const paid: SaleEvent = {
  type: 'OrderPaid',
  data: { ...payment, amountMinor: idOf.money(1_000), places: pair },
};
const refunded: SaleEvent = {
  type: 'OrderRefunded',
  data: { ...payment, tickets: [1], places: [[0, 1]], amountMinor: idOf.money(500) },
};
const standing: SaleEvent = {
  type: 'SeatsHeld',
  data: {
    ...{ holdToken: idOf.hold('s'), buyer, places: [[1, null]], together: 'unseated', expiresAtMs: 5 },
    content: 1,
  },
};

describe('the statistics of a sale', () => {
  beforeAll(async () => {
    await emptyTables(database.db);
    const story: readonly (readonly [number, SaleEvent])[] = [
      [0, started()],
      [1, hold],
      [59_999, placed],
      [MINUTE, paid],
      [MINUTE + 1, standing],
      [2 * MINUTE, refunded],
    ];
    const log = inLog(story.map(([, event]) => ({ stream: saleStream(PROGRAM), event })));
    const timed = log.map((event, index) => ({ ...event, recordedAtMs: T0_MS + (story[index]?.[0] ?? 0) }));
    await applyInBatches(database.db, [timed]);
  });

  it('have the stock of each category, without its blocked seats', async () => {
    expect(await stockOf(database.db, PROGRAM)).toEqual([
      { categoryId: 'stalls', priceMinor: 500, capacity: 13, held: 0, sold: 1, free: 12 },
      { categoryId: 'standing', priceMinor: 200, capacity: 3, held: 1, sold: 0, free: 2 },
    ]);
    expect(await stockOf(database.db, programIdSchema.parse('nothing'))).toEqual([]);
  });

  const nothing = { held: 0, released: 0, sold: 0, refunded: 0, revenueMinor: 0, refundedMinor: 0 };
  const stalls = { ...nothing, categoryId: 'stalls' };

  it('tell what each minute brought; places of a hold that became an order count once', async () => {
    const course = { programId: PROGRAM, fromMs: T0_MS, untilMs: T0_MS + 10 * MINUTE, minutesPerPeriod: 1 };
    expect(await salesCourse(database.db, course)).toEqual([
      { ...stalls, fromMs: T0_MS, held: 2 },
      { ...stalls, fromMs: T0_MS + MINUTE, sold: 2, revenueMinor: 1_000 },
      { ...nothing, categoryId: 'standing', fromMs: T0_MS + MINUTE, held: 1 },
      { ...stalls, fromMs: T0_MS + 2 * MINUTE, refunded: 1, refundedMinor: 500 },
    ]);
    const part = { ...course, fromMs: T0_MS + MINUTE, untilMs: T0_MS + 2 * MINUTE };
    expect(await salesCourse(database.db, part)).toHaveLength(2);
  });

  it('add up over longer periods and over all', async () => {
    const all = { ...stalls, held: 2, sold: 2, refunded: 1, revenueMinor: 1_000, refundedMinor: 500 };
    const course = { programId: PROGRAM, fromMs: T0_MS, untilMs: T0_MS + 10 * MINUTE, minutesPerPeriod: 60 };
    expect((await salesCourse(database.db, course))[0]).toEqual({ ...all, fromMs: T0_MS });
    expect((await salesTotals(database.db, PROGRAM))[0]).toEqual(all);
  });
});
