/** The orders projection: what buyers see of their orders, from the events of sales and of the queue. */
import { programOfSaleStream } from '../../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import { writeRows } from '../bulk.ts';
import { rowsByNumber } from '../by-number.ts';
import type { Db } from '../database.ts';
import type { Projected, Projection, Subject } from '../projection.ts';
import { upsert } from '../rows.ts';
import { changesLines, evolve, namesPlaces, type OrderEvent, type OrderRows, startsAnew } from './evolve.ts';
import { createHalls, type Hall, type Halls, hallRows, type SaleStarted } from './halls.ts';
import {
  type OrderLineRow,
  type OrderRow,
  orderColumns,
  orderLineColumns,
  orderLineTable,
  orderTable,
} from './table.ts';

export * from './queries.ts';

type OrdersEvent = OrderEvent | SaleStarted;

/** One for each database: it remembers halls. */
export const createOrdersProjection = (): Projection<OrdersEvent> => {
  const halls = createHalls('sale');
  return {
    name: 'orders',
    version: 1,
    handles: [
      'SaleStarted',
      'OrderQueued',
      'OrderPlaced',
      'OrderRepeated',
      'OrderRejected',
      'OrderCancelled',
      'OrderExpired',
      'OrderReseated',
      'OrderPaid',
      'LatePaymentRefused',
      'TicketsIssued',
      'OrderRefunded',
    ],
    tables: [
      { name: 'sale', key: ['program_id'], subject: ['program_id'], subjectsOf: hallOfEvent },
      { name: 'order_', key: ORDER_KEY, subject: ['order_number'], subjectsOf: orderOfEvent },
      {
        name: 'order_line',
        key: [...ORDER_KEY, 'line'],
        subject: ['order_number'],
        subjectsOf: orderOfEvent,
      },
    ],
    apply: async (db, events) => {
      await upsert(db, 'sale', ['program_id'], hallRows(events));
      await applyToOrders(db, halls, events.filter(isOrders));
    },
  };
};

const ORDER_KEY = ['gene', 'order_number'] as const;

const hallOfEvent = (event: Projected<OrdersEvent>): readonly Subject[] =>
  event.type === 'SaleStarted' ? [[event.data.programId]] : [];
const orderOfEvent = (event: Projected<OrdersEvent>): readonly Subject[] =>
  event.type === 'SaleStarted' ? [] : [[event.data.orderNumber]];

const isOrders = (event: Projected<OrdersEvent>): event is Projected<OrderEvent> =>
  event.type !== 'SaleStarted';

const applyToOrders = async (
  db: Db,
  halls: Halls,
  events: readonly Projected<OrderEvent>[],
): Promise<void> => {
  if (events.length === 0) return;
  const orders = await load(db, events);
  const hallOf = await hallsOf(db, halls, events);
  for (const event of events) {
    const { orderNumber } = event.data;
    orders.set(orderNumber, evolve(orders.get(orderNumber), event, hallOf));
  }
  const rows = [...orders.values()];
  const heads = rows.map(({ head }) => head);
  const lines = rows.flatMap((order) => order.lines ?? []);
  await writeRows(db, orderTable, heads);
  await writeRows(db, orderLineTable, lines);
};

/** The orders of these events as the tables have them, with their lines where those are going to change. */
const load = async (
  db: Db,
  events: readonly Projected<OrderEvent>[],
): Promise<Map<OrderNumber, OrderRows>> => {
  const first = new Map<OrderNumber, OrderEvent>();
  for (const event of events) {
    if (!first.has(event.data.orderNumber)) first.set(event.data.orderNumber, event);
  }
  const before = [...first].flatMap(([orderNumber, event]) => (startsAnew(event) ? [] : [orderNumber]));
  const changing = new Set(events.filter(changesLines).map(({ data }) => data.orderNumber));
  const heads = await loadHeads(db, before);
  const lines = await loadLines(
    db,
    before.filter((orderNumber) => changing.has(orderNumber)),
  );
  return new Map(heads.map((head) => [head.order_number, { head, lines: lines.get(head.order_number) }]));
};

const loadHeads = (db: Db, orders: readonly OrderNumber[]): Promise<readonly OrderRow[]> =>
  rowsByNumber<OrderRow>(db, 'order_', 'order_number', orderColumns, orders.map(numbered));

const loadLines = async (
  db: Db,
  orders: readonly OrderNumber[],
): Promise<ReadonlyMap<OrderNumber, readonly OrderLineRow[]>> => {
  const columns = orderLineColumns;
  const wanted = orders.map(numbered);
  const lines = await rowsByNumber<OrderLineRow>(db, 'order_line', 'order_number', columns, wanted);
  const linesOf = new Map<OrderNumber, OrderLineRow[]>();
  for (const line of [...lines].sort((one, other) => one.line - other.line)) {
    const found = linesOf.get(line.order_number);
    if (found === undefined) linesOf.set(line.order_number, [line]);
    else found.push(line);
  }
  return linesOf;
};

const numbered = (number: OrderNumber) => ({ gene: geneOfOrder(number), number });

const hallsOf = async (
  db: Db,
  halls: Halls,
  events: readonly Projected<OrderEvent>[],
): Promise<(program: ProgramId) => Hall> => {
  const programs = new Set<ProgramId>();
  for (const event of events) {
    const program = programOfSaleStream(event.stream);
    if (program !== undefined && namesPlaces(event)) programs.add(program);
  }
  return halls.of(db, [...programs]);
};
