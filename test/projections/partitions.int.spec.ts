/** What is asked for every order and every buyer touches one partition of each table, however many orders there are. */
import { expect, it } from 'vitest';
import type { Db } from '../../src/projections/database.ts';
import { eventsOfOrder } from '../../src/projections/order-events/index.ts';
import { openPaymentOfOrder, paymentsOfOrder } from '../../src/projections/payments/index.ts';
import { ticketById, ticketsOfBuyer, ticketsOfOrder } from '../../src/projections/tickets/index.ts';
import { idOf } from '../domain/sale/fixtures.ts';
import { flashSale } from './flash-sale.ts';
import { plansOf } from './plans.ts';
import { applyInBatches, emptyTables, inLog, useDatabase } from './read-models.ts';

const database = useDatabase();
const buyer = idOf.user('fan');
const events = flashSale(2, { buyerOf: () => buyer });
const [orderNumber] = events.flatMap(({ event }) =>
  event.type === 'OrderPlaced' ? [event.data.orderNumber] : [],
);
if (orderNumber === undefined) throw new Error('The sale has no order.');

it.each<[string, (db: Db) => Promise<unknown>]>([
  ['the payments of an order', (db) => paymentsOfOrder(db, orderNumber, buyer)],
  ['the open payment of an order', (db) => openPaymentOfOrder(db, orderNumber, buyer)],
  ['the tickets of an order', (db) => ticketsOfOrder(db, orderNumber, buyer)],
  ['the tickets of a buyer', (db) => ticketsOfBuyer(db, { buyer, limit: 3 })],
  ['a ticket', (db) => ticketById(db, { orderNumber, index: 0 })],
  ['the events of an order', (db) => eventsOfOrder(db, orderNumber)],
])('%s are found in one partition', async (_, ask) => {
  await emptyTables(database.db);
  await applyInBatches(database.db, [inLog(events)]);
  const plans = await plansOf(database.postgresUrl, ask);
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) {
    const partitions = new Set(plan.match(/\b(?:payment|stray_charge|order_tickets|order_event)_\d+\b/g));
    expect(partitions.size).toBeGreaterThan(0);
    expect(new Set([...partitions].map((name) => name.replace(/\d+$/, ''))).size).toBe(partitions.size);
  }
});
