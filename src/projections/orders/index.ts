/** The orders projection: what buyers see of their orders, from the events of sales and of the queue. */
import { sql } from 'kysely';
import { programOfSaleStream, type SaleEvent } from '../../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Db } from '../database.ts';
import type { Projected, Projection } from '../projection.ts';
import { upsert } from '../rows.ts';
import { changesLines, evolve, namesPlaces, type OrderEvent, type OrderRows, startsAnew } from './evolve.ts';
import { createHalls, type Hall, type Halls } from './halls.ts';
import { type OrderLineRow, type OrderRow, orderColumns, orderLineColumns, type SaleRow } from './table.ts';

export * from './queries.ts';

type SaleStarted = Extract<SaleEvent, { readonly type: 'SaleStarted' }>;
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
    apply: async (db, events) => {
      await upsert(db, 'sale', ['program_id'], saleRows(events));
      await applyToOrders(db, halls, events.filter(isOrders));
    },
  };
};

const isOrders = (event: Projected<OrdersEvent>): event is Projected<OrderEvent> =>
  event.type !== 'SaleStarted';

const saleRows = (events: readonly Projected<OrdersEvent>[]): SaleRow[] =>
  events.flatMap((event) => {
    if (event.type !== 'SaleStarted') return [];
    const { programId, currency, layout } = event.data;
    return [{ program_id: programId, currency, layout }];
  });

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
  await upsert(db, 'order_', ['gene', 'order_number'], heads);
  await upsert(db, 'order_line', ['gene', 'order_number', 'line'], lines);
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

const loadHeads = async (db: Db, orders: readonly OrderNumber[]): Promise<readonly OrderRow[]> =>
  orders.length === 0
    ? []
    : db
        .selectFrom(wanted(orders))
        .innerJoinLateral(
          (from) =>
            from
              .selectFrom('order_')
              .select(orderColumns)
              .whereRef('order_.gene', '=', 'wanted.gene')
              .whereRef('order_.order_number', '=', 'wanted.order_number')
              .offset(ONE_BY_ONE)
              .as('head'),
          (join) => join.onTrue(),
        )
        .selectAll('head')
        .execute();

const loadLines = async (
  db: Db,
  orders: readonly OrderNumber[],
): Promise<ReadonlyMap<OrderNumber, readonly OrderLineRow[]>> => {
  const linesOf = new Map<OrderNumber, OrderLineRow[]>();
  if (orders.length === 0) return linesOf;
  const lines = db
    .selectFrom(wanted(orders))
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('order_line')
          .select(orderLineColumns)
          .whereRef('order_line.gene', '=', 'wanted.gene')
          .whereRef('order_line.order_number', '=', 'wanted.order_number')
          .offset(ONE_BY_ONE)
          .as('line'),
      (join) => join.onTrue(),
    )
    .selectAll('line')
    .orderBy('line.line');
  for (const line of await lines.execute()) {
    const found = linesOf.get(line.order_number);
    if (found === undefined) linesOf.set(line.order_number, [line]);
    else found.push(line);
  }
  return linesOf;
};

/**
 * Keeps PostgreSQL from reading the whole table instead: it takes each order for a search of every
 * partition, and does not see beforehand that all but one are left out.
 */
const ONE_BY_ONE = 0;

/** Two arrays, whatever the number of orders. */
const wanted = (orders: readonly OrderNumber[]) =>
  sql<{ gene: number; order_number: OrderNumber }>`unnest(
    ${orders.map(geneOfOrder)}::smallint[], ${orders}::bigint[]
  )`.as<'wanted'>(sql`wanted(gene, order_number)`);

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
  const found = await halls.of(db, [...programs]);
  return (program) => {
    const hall = found.get(program);
    if (hall === undefined) throw new Error(`The sale of program ${program} has not started.`);
    return hall;
  };
};
