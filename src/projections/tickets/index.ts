/** The tickets projection: what buyers have bought, and what stands behind a code at the door. */
import { programOfSaleStream } from '../../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import { rowsByNumber } from '../by-number.ts';
import type { Db } from '../database.ts';
import { createHalls, type Hall, type Halls, hallRows, type SaleStarted } from '../orders/halls.ts';
import type { Projected, Projection, Subject } from '../projection.ts';
import { upsert } from '../rows.ts';
import { evolve, namesPlaces, startsAnew, type TicketEvent } from './evolve.ts';
import { type OrderTicketsRow, orderTicketsColumns } from './table.ts';

export * from './queries.ts';

type TicketsEvent = TicketEvent | SaleStarted;

/** One for each database: it remembers halls. */
export const createTicketsProjection = (): Projection<TicketsEvent> => {
  const halls = createHalls('ticket_hall');
  return {
    name: 'tickets',
    version: 1,
    handles: ['SaleStarted', 'OrderPlaced', 'OrderReseated', 'TicketsIssued', 'OrderRefunded'],
    tables: [
      { name: 'ticket_hall', key: ['program_id'], subject: ['program_id'], subjectsOf: hallOfEvent },
      { name: 'order_tickets', key: ORDER_KEY, subject: ['order_number'], subjectsOf: orderOfEvent },
    ],
    views: ['ticket'],
    apply: async (db, events) => {
      await upsert(db, 'ticket_hall', ['program_id'], hallRows(events));
      await applyToOrders(db, halls, events.filter(isTickets));
    },
  };
};

const ORDER_KEY = ['gene', 'order_number'] as const;

const hallOfEvent = (event: Projected<TicketsEvent>): readonly Subject[] =>
  event.type === 'SaleStarted' ? [[event.data.programId]] : [];
const orderOfEvent = (event: Projected<TicketsEvent>): readonly Subject[] =>
  event.type === 'SaleStarted' ? [] : [[event.data.orderNumber]];

const isTickets = (event: Projected<TicketsEvent>): event is Projected<TicketEvent> =>
  event.type !== 'SaleStarted';

const applyToOrders = async (
  db: Db,
  halls: Halls,
  events: readonly Projected<TicketEvent>[],
): Promise<void> => {
  if (events.length === 0) return;
  const orders = await load(db, events);
  const hallOf = await hallsOf(db, halls, events, orders);
  for (const event of events) {
    const { orderNumber } = event.data;
    orders.set(orderNumber, evolve(orders.get(orderNumber), event, hallOf));
  }
  await upsert(db, 'order_tickets', ORDER_KEY, [...orders.values()]);
};

const load = async (
  db: Db,
  events: readonly Projected<TicketEvent>[],
): Promise<Map<OrderNumber, OrderTicketsRow>> => {
  const first = new Map<OrderNumber, TicketEvent>();
  for (const event of events) {
    if (!first.has(event.data.orderNumber)) first.set(event.data.orderNumber, event);
  }
  const before = [...first].flatMap(([number, event]) =>
    startsAnew(event) ? [] : [{ gene: geneOfOrder(number), number }],
  );
  const columns = orderTicketsColumns;
  const rows = await rowsByNumber<OrderTicketsRow>(db, 'order_tickets', 'order_number', columns, before);
  return new Map(rows.map((row) => [row.order_number, row]));
};

const hallsOf = async (
  db: Db,
  halls: Halls,
  events: readonly Projected<TicketEvent>[],
  orders: ReadonlyMap<OrderNumber, OrderTicketsRow>,
): Promise<(program: ProgramId) => Hall> => {
  const programs = new Set<ProgramId>();
  for (const event of events) {
    if (!namesPlaces(event)) continue;
    const program = orders.get(event.data.orderNumber)?.program_id ?? programOfSaleStream(event.stream);
    if (program !== undefined) programs.add(program);
  }
  return halls.of(db, [...programs]);
};
