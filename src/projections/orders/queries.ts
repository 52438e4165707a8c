/**
 * What buyers ask of their orders. Who asks is part of every question, so that an order of somebody else is
 * simply not found; the gene is too, so that each touches one partition. Each is one statement, so that it sees one
 * build of the tables.
 */
import { type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { OrderStatus } from '../../domain/sale/index.ts';
import type { CategoryId, OrderNumber, ProgramId, TicketUserId, UserId } from '../../domain/shared/ids.ts';
import { orderNumberSchema } from '../../domain/shared/ids.ts';
import { geneOf, geneOfOrder } from '../../domain/shared/order-number.ts';
import {
  boundedLimit,
  type CursorRefused,
  cursorRefused,
  type Page,
  pageOf,
  readCursor,
  writeCursor,
} from '../cursor.ts';
import type { Database, Db } from '../database.ts';
import { type OrderLineRow, type OrderRow, orderColumns, shownLineColumns } from './table.ts';

export type OrderedTicket = {
  readonly ticketUser: TicketUserId;
  readonly categoryId: CategoryId;
  /** Null in general admission. */
  readonly seat: {
    readonly number: number;
    readonly section: string | null;
    readonly row: string | null;
    readonly seat: string | null;
  } | null;
  readonly priceMinor: number;
  readonly refunded: boolean;
};

export type Order = {
  readonly orderNumber: OrderNumber;
  readonly programId: ProgramId;
  readonly buyer: UserId;
  readonly status: OrderStatus;
  readonly currency: OrderRow['currency'];
  /** Null until it is placed. */
  readonly amountMinor: number | null;
  readonly refundedMinor: number;
  readonly together: OrderRow['together'];
  readonly deadlineMs: number | null;
  readonly paymentNumber: OrderRow['payment_number'];
  readonly refusal: OrderRow['refusal'];
  readonly repeats: OrderNumber | null;
  readonly askedAtMs: number;
  readonly placedAtMs: number | null;
  readonly paidAtMs: number | null;
  readonly issuedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly tickets: readonly OrderedTicket[];
};

export type OrdersOfBuyer = {
  readonly buyer: UserId;
  /** All of them, unless told otherwise. */
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
};

/** Undefined also when the order is another buyer's. */
export const orderOfBuyer = async (
  db: Db,
  orderNumber: OrderNumber,
  buyer: UserId,
): Promise<Order | undefined> => {
  const gene = geneOfOrder(orderNumber);
  const row = await db
    .selectFrom('order_')
    .select(orderColumns)
    .select((order) => linesOf(order, gene))
    .where('gene', '=', gene)
    .where('order_number', '=', orderNumber)
    .where('buyer', '=', buyer)
    .executeTakeFirst();
  return row && orderOf(row);
};

/** Those of the orders that are decided as far as this read model knows; not one that is only queued. */
export const decidedAmong = async (
  db: Db,
  orders: readonly OrderNumber[],
): Promise<readonly OrderNumber[]> => {
  const rows = await db
    .selectFrom('order_')
    .select('order_number')
    .where('gene', 'in', [...new Set(orders.map(geneOfOrder))])
    .where('order_number', 'in', orders)
    .where('status', '<>', 'queued')
    .execute();
  return rows.map((row) => row.order_number);
};

/** For operators: whoever's order it is. */
export const programOfOrder = async (db: Db, orderNumber: OrderNumber): Promise<ProgramId | undefined> => {
  const row = await db
    .selectFrom('order_')
    .select('program_id')
    .where('gene', '=', geneOfOrder(orderNumber))
    .where('order_number', '=', orderNumber)
    .executeTakeFirst();
  return row?.program_id;
};

/** For operators: the newest first, only those below `before`. */
export const orderNumbersOfBuyer = async (
  db: Db,
  buyer: UserId,
  before: OrderNumber | undefined,
  limit: number,
): Promise<readonly OrderNumber[]> => {
  let query = db
    .selectFrom('order_')
    .select('order_number')
    .where('gene', '=', geneOf(buyer))
    .where('buyer', '=', buyer)
    .orderBy('order_number', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('order_number', '<', before);
  return (await query.execute()).map((row) => row.order_number);
};

/** Newest first. */
export const ordersOfBuyer = async (
  db: Db,
  { buyer, statuses, after, limit }: OrdersOfBuyer,
): Promise<Page<Order> | CursorRefused> => {
  const size = boundedLimit(limit);
  const gene = geneOf(buyer);
  let query = db
    .selectFrom('order_')
    .select(orderColumns)
    .select((order) => linesOf(order, gene))
    .where('gene', '=', gene)
    .where('buyer', '=', buyer)
    .orderBy('order_number', 'desc')
    .limit(size + 1);
  if (statuses !== undefined) query = query.where(sql<SqlBool>`status = any(${statuses})`);
  if (after !== undefined) {
    const last = orderNumberSchema.safeParse(readCursor(LIST, after)?.[0]).data;
    if (last === undefined) return cursorRefused;
    query = query.where('order_number', '<', last);
  }
  return pageOf(await query.execute(), size, orderOf, (row) => writeCursor(LIST, [row.order_number]));
};

const LIST = 'orders';

/** Of the order at hand. The gene is a constant, so that planning finds the partition. */
const linesOf = (order: ExpressionBuilder<Database, 'order_'>, gene: number) =>
  jsonArrayFrom(
    order
      .selectFrom('order_line')
      .select(shownLineColumns)
      .where('order_line.gene', '=', gene)
      .whereRef('order_line.order_number', '=', 'order_.order_number')
      .orderBy('line'),
  ).as('lines');

type ShownLine = Omit<OrderLineRow, 'gene' | 'order_number'>;

const orderOf = ({ lines, ...head }: OrderRow & { readonly lines: readonly ShownLine[] }): Order => ({
  orderNumber: head.order_number,
  programId: head.program_id,
  buyer: head.buyer,
  status: head.status,
  currency: head.currency,
  amountMinor: head.amount_minor,
  refundedMinor: head.refunded_minor,
  together: head.together,
  deadlineMs: head.deadline_ms,
  paymentNumber: head.payment_number,
  refusal: head.refusal,
  repeats: head.repeats,
  askedAtMs: head.asked_at_ms,
  placedAtMs: head.placed_at_ms,
  paidAtMs: head.paid_at_ms,
  issuedAtMs: head.issued_at_ms,
  endedAtMs: head.ended_at_ms,
  tickets: lines.map(ticketOf),
});

const ticketOf = (line: ShownLine): OrderedTicket => ({
  ticketUser: line.ticket_user,
  categoryId: line.category_id,
  seat:
    line.seat === null
      ? null
      : { number: line.seat, section: line.section, row: line.row_label, seat: line.seat_label },
  priceMinor: line.price_minor,
  refunded: line.refunded,
});
