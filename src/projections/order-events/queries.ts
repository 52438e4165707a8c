/** Where in the log an order's history is. */
import { sql } from 'kysely';
import { laneStream } from '../../domain/order-queue/index.ts';
import { paymentStream } from '../../domain/payment/index.ts';
import { saleStream } from '../../domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Db } from '../database.ts';
import { orderEventColumns } from './table.ts';
import { type IndexedEvent, isSaleType, typeOf } from './types.ts';

export type OrderEventPlace = {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit position in `$all`. */
  readonly position: bigint;
  readonly type: IndexedEvent['type'];
  readonly recordedAtMs: number;
};

/** In log order: of the sale, of the order's payments, and of the queue. Not whose order it is: ask that first. */
export const eventsOfOrder = async (
  db: Db,
  orderNumber: OrderNumber,
): Promise<readonly OrderEventPlace[]> => {
  const rows = await db
    .selectFrom('order_event')
    .select(orderEventColumns)
    .where('gene', '=', geneOfOrder(orderNumber))
    .where('order_number', '=', orderNumber)
    .orderBy('order_event.position')
    .execute();
  let program: ProgramId | undefined;
  return rows.map((row) => {
    // Later events of a sale are in the sale that the order began in.
    program = row.program_id ?? program;
    const type = typeOf(row.type);
    return {
      stream: streamOf(type, row.stream_of, program),
      revision: BigInt(row.revision),
      position: BigInt(row.position),
      type,
      recordedAtMs: row.recorded_at_ms,
    };
  });
};

export type OrderEventTotals = {
  readonly events: number;
  readonly positions: bigint;
  readonly revisions: bigint;
  /** There are events behind it, up to the other position. */
  readonly goesOn: boolean;
};

/** A statement of a hundred kilobytes. */
const MAX_ORDERS = 5_000;

/** What there is of each of these orders up to a position, and whether there is more up to another. None of unknown ones. */
export const totalsOfOrders = async (
  db: Db,
  orders: readonly OrderNumber[],
  upTo: bigint,
  until: bigint,
): Promise<ReadonlyMap<OrderNumber, OrderEventTotals>> => {
  const totals = new Map<OrderNumber, OrderEventTotals>();
  for (let from = 0; from < orders.length; from += MAX_ORDERS) {
    const some = orders.slice(from, from + MAX_ORDERS);
    const { rows } = await sql<TotalsRow>`
      select order_number,
        (count(*) filter (where position <= ${upTo}))::int as events,
        coalesce(sum(position) filter (where position <= ${upTo}), 0)::text as positions,
        coalesce(sum(revision) filter (where position <= ${upTo}), 0)::text as revisions,
        bool_or(position > ${upTo} and position <= ${until}) as goes_on
      from order_event where order_number = any(${some}::bigint[]) group by order_number`.execute(db);
    for (const { order_number, events, positions, revisions, goes_on } of rows) {
      const sums = { positions: BigInt(positions), revisions: BigInt(revisions) };
      totals.set(order_number, { events, ...sums, goesOn: goes_on });
    }
  }
  return totals;
};

type TotalsRow = {
  readonly order_number: OrderNumber;
  readonly events: number;
  readonly positions: string;
  readonly revisions: string;
  readonly goes_on: boolean;
};

/** No stream is called so. It is where a row says that an event is whose sale the index has lost. */
const NOWHERE = 'Sale-?';

const streamOf = (type: IndexedEvent['type'], of: string | null, program: ProgramId | undefined): string => {
  if (isSaleType(type) && program !== undefined) return saleStream(program);
  if (of === null) return NOWHERE;
  // The event's own data had parsed the number.
  return type === 'OrderQueued' ? laneStream(Number(of)) : paymentStream(of as PaymentNumber);
};
