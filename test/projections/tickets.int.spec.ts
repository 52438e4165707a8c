/** Tickets as buyers and doors see them, of a flash sale that was played by the aggregates. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { SaleCommand } from '../../src/domain/sale/index.ts';
import type { OrderNumber } from '../../src/domain/shared/ids.ts';
import {
  type IssuedTicket,
  ticketById,
  ticketsOfBuyer,
  ticketsOfOrder,
} from '../../src/projections/tickets/index.ts';
import { ANN, historyOf, idOf, NOW_MS, PAYMENT_TTL_MS, placeOrder, terms } from '../domain/sale/fixtures.ts';
import { flashSale } from './flash-sale.ts';
import { applyInBatches, emptyTables, inLog, useDatabase } from './read-models.ts';

const database = useDatabase();
const STREAM = `Sale-${terms().programId}`;

const tell = async (...commands: readonly SaleCommand[]) => {
  await emptyTables(database.db);
  const history = historyOf(...commands).map((event) => ({ stream: STREAM, event }));
  await applyInBatches(database.db, [inLog(history)]);
};
const orderNumber = idOf.order(1);
const pay = {
  type: 'ConfirmPayment',
  orderNumber,
  paymentNumber: idOf.payment(9),
  amountMinor: idOf.money(1_000),
} as const;
const issue = { type: 'IssueTickets', orderNumber } as const;
const tickets = () => ticketsOfOrder(database.db, orderNumber, ANN);

describe('the tickets of an order', () => {
  it('are there once they are issued, with the names of their seats', async () => {
    await tell(placeOrder(), pay);
    expect(await tickets()).toEqual([]);
    await tell(placeOrder(), pay, issue);
    const seat = (number: number) => ({ number, section: 'Stalls', row: 'A', seat: String(number + 1) });
    const common = { orderNumber, programId: terms().programId, buyer: ANN, status: 'live' };
    expect(await tickets()).toMatchObject([
      { ...common, index: 0, ticketUser: 'person-1', categoryId: 'stalls', seat: seat(0) },
      { ...common, index: 1, ticketUser: 'person-2', categoryId: 'stalls', seat: seat(1) },
    ]);
  });

  it('have no seat in general admission', async () => {
    const want = { by: 'category', category: idOf.category('standing'), count: 2 } as const;
    await tell(placeOrder({ want }), { ...pay, amountMinor: idOf.money(400) }, issue);
    expect((await tickets()).map(({ seat }) => seat)).toEqual([null, null]);
  });

  it('are for the seats that a late payment found', async () => {
    const other = { orderNumber: idOf.order(2), requestId: idOf.request(2), buyer: idOf.user('ben') };
    const rival = placeOrder({ ...other, ticketUsers: [...placeOrder().ticketUsers], nowMs: NOW_MS + 1 });
    const late = { type: 'ExpireOrder', orderNumber, nowMs: NOW_MS + PAYMENT_TTL_MS } as const;
    await tell(placeOrder(), late, { ...rival, ticketUsers: people() }, pay, issue);
    const seats = (await tickets()).map(({ seat }) => seat?.number);
    expect(seats).toHaveLength(2);
    expect(seats).not.toContain(0);
  });

  it('are refunded one by one, before they are issued and after', async () => {
    const refund = (index: number) => ({ type: 'RefundOrder', orderNumber, tickets: [index] }) as const;
    await tell(placeOrder(), pay, refund(1), issue);
    expect((await tickets()).map(({ status }) => status)).toEqual(['live', 'refunded']);
    await tell(placeOrder(), pay, issue, refund(0));
    expect((await tickets()).map(({ status }) => status)).toEqual(['refunded', 'live']);
  });

  it('are found by their place, and shown to nobody else', async () => {
    await tell(placeOrder(), pay, issue);
    expect(await ticketById(database.db, { orderNumber, index: 1 })).toEqual((await tickets())[1]);
    expect(await ticketById(database.db, { orderNumber, index: 2 })).toBeUndefined();
    expect(await ticketsOfOrder(database.db, orderNumber, idOf.user('ben'))).toEqual([]);
  });
});

/** Two others, so that documents do not collide. */
const people = () =>
  placeOrder().ticketUsers.map((person, index) => ({ ...person, idDocument: idOf.document(50 + index) }));

describe('the tickets of a buyer', () => {
  const buyer = idOf.user('collector');
  const events = flashSale(40, { buyerOf: () => buyer });
  beforeAll(async () => {
    await emptyTables(database.db);
    await applyInBatches(database.db, [inLog(events)]);
  });

  it('come in pages, the newest order first, each once', async () => {
    const shown: IssuedTicket[] = [];
    let after: string | undefined;
    do {
      const page = await ticketsOfBuyer(database.db, { buyer, after, limit: 3 });
      if (page.kind !== 'page') throw new Error(page.code);
      shown.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    const counts = new Map<OrderNumber, number>();
    const issued: string[] = [];
    for (const { event } of events) {
      if (event.type === 'OrderPlaced') counts.set(event.data.orderNumber, event.data.tickets.length);
      if (event.type !== 'TicketsIssued') continue;
      const { orderNumber } = event.data;
      for (let index = 0; index < (counts.get(orderNumber) ?? 0); index += 1) {
        issued.push(`${orderNumber} ${index}`);
      }
    }
    const newestFirst = (one: string, other: string) =>
      Number(BigInt(other.split(' ')[0] ?? 0) - BigInt(one.split(' ')[0] ?? 0)) || one.localeCompare(other);
    expect(shown.map(({ orderNumber, index }) => `${orderNumber} ${index}`)).toEqual(
      issued.sort(newestFirst),
    );
  });

  it('are none of another buyer', async () => {
    const page = await ticketsOfBuyer(database.db, { buyer: ANN, limit: 3 });
    expect(page).toEqual({ kind: 'page', items: [], next: undefined });
  });

  it('refuse a cursor that is none of theirs', async () => {
    const page = await ticketsOfBuyer(database.db, { buyer, after: 'nonsense', limit: 3 });
    expect(page).toEqual({ kind: 'refused', code: 'cursor_malformed' });
  });
});
