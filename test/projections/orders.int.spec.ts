/** What buyers see of their orders, and how little of the database that touches. */
import { beforeAll, describe, expect, it } from 'vitest';
import { laneStream, type OrderQueueEvent } from '../../src/domain/order-queue/index.ts';
import { type SaleEvent, saleStream } from '../../src/domain/sale/index.ts';
import { type OrderNumber, orderNumberSchema, type UserId } from '../../src/domain/shared/ids.ts';
import { GENES, geneOf } from '../../src/domain/shared/order-number.ts';
import type { Db } from '../../src/projections/database.ts';
import { type Order, orderOfBuyer, ordersOfBuyer } from '../../src/projections/orders/index.ts';
import { ANN, BEN, idOf, people, queue, started, terms } from '../domain/sale/fixtures.ts';
import { plansOf } from './plans.ts';
import { applyInBatches, emptyTables, inLog, useDatabase } from './read-models.ts';

const database = useDatabase();
const PROGRAM = terms().programId;
const STREAM = saleStream(PROGRAM);

/** As a generator makes them: the buyer's gene in the last eight bits. */
const numberOf = (buyer: UserId, count: number): OrderNumber =>
  orderNumberSchema.parse(String(2n ** 62n + BigInt(count) * BigInt(GENES) + BigInt(geneOf(buyer))));

type Placed = Extract<SaleEvent, { readonly type: 'OrderPlaced' }>['data'];
const placed = (buyer: UserId, count: number, change: Partial<Placed> = {}): SaleEvent => ({
  type: 'OrderPlaced',
  data: {
    orderNumber: numberOf(buyer, count),
    buyer,
    requestId: idOf.request(count),
    content: 1,
    tickets: people(1, 2).map((person, index) => ({
      ...person,
      category: 0,
      seat: index,
      priceMinor: idOf.money(500),
    })),
    amountMinor: idOf.money(1_000),
    together: 'row',
    deadlineMs: 99,
    ...change,
  },
});

const tell = async (...events: readonly SaleEvent[]): Promise<void> => {
  await emptyTables(database.db);
  const all = [started(), ...events].map((event) => ({ stream: STREAM, event }));
  await applyInBatches(database.db, [inLog(all)]);
};

const shown = async (buyer: UserId, count: number): Promise<Order | undefined> =>
  orderOfBuyer(database.db, numberOf(buyer, count), buyer);

describe('an order', () => {
  const orderNumber = numberOf(ANN, 1);
  const paymentNumber = idOf.payment(5);
  const paid: SaleEvent = {
    type: 'OrderPaid',
    data: {
      orderNumber,
      paymentNumber,
      amountMinor: idOf.money(1_000),
      places: [
        [0, 0],
        [0, 1],
      ],
    },
  };

  it('names its seats as the hall does', async () => {
    const tickets = people(1, 2).map((person, index) =>
      index === 0
        ? { ...person, category: 0, seat: 7, priceMinor: idOf.money(500) }
        : { ...person, category: 1, seat: null, priceMinor: idOf.money(200) },
    );
    await tell(placed(ANN, 1, { tickets, amountMinor: idOf.money(700) }));
    expect(await shown(ANN, 1)).toMatchObject({
      orderNumber,
      programId: PROGRAM,
      status: 'awaiting_payment',
      currency: 'CNY',
      amountMinor: 700,
      deadlineMs: 99,
      tickets: [
        {
          categoryId: 'stalls',
          seat: { number: 7, section: 'Stalls', row: 'B', seat: '3' },
          priceMinor: 500,
        },
        { categoryId: 'standing', seat: null, priceMinor: 200 },
      ],
    });
  });

  it('is nobody else’s', async () => {
    await tell(placed(ANN, 1));
    expect(await orderOfBuyer(database.db, orderNumber, BEN)).toBeUndefined();
    expect(await shown(ANN, 1)).toBeDefined();
  });

  it('is refunded ticket by ticket, and ends with the last', async () => {
    const refund = (ticket: number): SaleEvent => ({
      type: 'OrderRefunded',
      data: {
        ...{ orderNumber, paymentNumber, tickets: [ticket], places: [[0, ticket]] },
        amountMinor: idOf.money(500),
      },
    });
    await tell(placed(ANN, 1), paid, { type: 'TicketsIssued', data: { orderNumber } }, refund(1));
    expect(await shown(ANN, 1)).toMatchObject({
      ...{ status: 'issued', refundedMinor: 500, paymentNumber },
      tickets: [{ refunded: false }, { refunded: true }],
    });
    await applyInBatches(database.db, [inLog([{ stream: STREAM, event: refund(0) }])]);
    expect(await shown(ANN, 1)).toMatchObject({ status: 'refunded', refundedMinor: 1_000 });
  });

  it('that expired and was paid late sits where it was put', async () => {
    const expired: SaleEvent = {
      type: 'OrderExpired',
      data: {
        orderNumber,
        places: [
          [0, 0],
          [0, 1],
        ],
      },
    };
    const places = [
      [0, 5],
      [0, 6],
    ] satisfies [number, number][];
    const reseated: SaleEvent = {
      type: 'OrderReseated',
      data: { orderNumber, places, together: 'row', sameSeats: false },
    };
    await tell(placed(ANN, 1), expired);
    expect(await shown(ANN, 1)).toMatchObject({ status: 'expired' });
    const late = [reseated, paid].map((event) => ({ stream: STREAM, event }));
    await applyInBatches(database.db, [inLog(late)]);
    expect(await shown(ANN, 1)).toMatchObject({
      ...{ status: 'paid', endedAtMs: null },
      tickets: [{ seat: { row: 'B', seat: '1' } }, { seat: { row: 'B', seat: '2' } }],
    });
  });

  it('that was placed stays placed when its queue entry is turned down later', async () => {
    const rejected: SaleEvent = {
      type: 'OrderRejected',
      data: { orderNumber, buyer: ANN, code: 'duplicate_order_number', queue: queue(3) },
    };
    await tell(placed(ANN, 1), rejected);
    expect(await shown(ANN, 1)).toMatchObject({ status: 'awaiting_payment', refusal: null });
  });

  it('is shown while it waits in the queue, and why it got nothing', async () => {
    await tell();
    const event: OrderQueueEvent = {
      type: 'OrderQueued',
      data: {
        ...{ orderNumber: numberOf(BEN, 2), programId: PROGRAM, buyer: BEN, requestId: idOf.request(2) },
        ...{ ticketUsers: people(1), want: { by: 'seats', seats: [1] }, deadlineMs: 7 },
      },
    };
    await applyInBatches(database.db, [inLog([{ stream: laneStream(1), event }])]);
    expect(await shown(BEN, 2)).toMatchObject({ status: 'queued', deadlineMs: 7, tickets: [] });
    const data = { orderNumber: numberOf(BEN, 2), buyer: BEN, code: 'sold_out', queue: queue(0) } as const;
    const answer = { stream: STREAM, event: { type: 'OrderRejected', data } as const };
    await applyInBatches(database.db, [inLog([answer])]);
    expect(await shown(BEN, 2)).toMatchObject({
      status: 'rejected',
      refusal: 'sold_out',
      programId: PROGRAM,
    });
  });
});

describe('the orders of a buyer', () => {
  beforeAll(async () => {
    const orders = Array.from({ length: 7 }, (_, index) => placed(ANN, index + 1));
    await tell(...orders, placed(BEN, 8), {
      type: 'OrderCancelled',
      data: { orderNumber: numberOf(ANN, 7), places: [[0, 0]] },
    });
  });

  it('come newest first, in pages, with their tickets', async () => {
    const numbers: string[] = [];
    let after: string | undefined;
    do {
      const page = await ordersOfBuyer(database.db, { buyer: ANN, limit: 3, after });
      if (page.kind === 'refused') throw new Error(page.code);
      expect(page.items.every(({ tickets }) => tickets.length === 2)).toBe(true);
      numbers.push(...page.items.map((order) => order.orderNumber));
      after = page.next;
    } while (after !== undefined);
    expect(numbers).toEqual([7, 6, 5, 4, 3, 2, 1].map((count) => numberOf(ANN, count)));
  });

  it('can be asked for by status', async () => {
    const page = await ordersOfBuyer(database.db, { buyer: ANN, limit: 10, statuses: ['cancelled'] });
    expect(page).toMatchObject({ items: [{ orderNumber: numberOf(ANN, 7) }], next: undefined });
  });

  it('refuse a cursor that is none', async () => {
    const page = await ordersOfBuyer(database.db, { buyer: ANN, limit: 10, after: 'nonsense' });
    expect(page).toEqual({ kind: 'refused', code: 'cursor_malformed' });
  });

  it('are found in one partition, as one order is', async () => {
    const asked = [
      (db: Db) => orderOfBuyer(db, numberOf(ANN, 1), ANN),
      (db: Db) => ordersOfBuyer(db, { buyer: ANN, limit: 3 }),
    ];
    for (const ask of asked) {
      const plans = await plansOf(database.postgresUrl, ask);
      expect(plans).toHaveLength(1);
      const partitions = new Set(plans[0]?.match(/\border_(?:line_)?\d+\b/g));
      expect([...partitions].map((name) => name.replace(/\d+/, '')).sort()).toEqual([
        'order_',
        'order_line_',
      ]);
    }
  });
});
