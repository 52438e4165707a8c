/** What buyers, and the doors, ask of tickets. None is there before it is issued. */
import { type SqlBool, sql } from 'kysely';
import { z } from 'zod';
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
import type { Db } from '../database.ts';
import { type TicketRow, ticketColumns } from './table.ts';

/** A ticket is named by its order and its place in it. */
export type TicketRef = { readonly orderNumber: OrderNumber; readonly index: number };

export type IssuedTicket = TicketRef & {
  readonly programId: ProgramId;
  readonly buyer: UserId;
  readonly ticketUser: TicketUserId;
  readonly categoryId: CategoryId;
  /** Null in general admission. */
  readonly seat: {
    readonly number: number;
    readonly section: string;
    readonly row: string;
    readonly seat: string;
  } | null;
  readonly status: TicketRow['status'];
  readonly issuedAtMs: number;
};

/** In the order of the order; none when it is not issued, or another buyer's. */
export const ticketsOfOrder = async (
  db: Db,
  orderNumber: OrderNumber,
  buyer: UserId,
): Promise<readonly IssuedTicket[]> => {
  const rows = await db
    .selectFrom('ticket')
    .select(ticketColumns)
    .where('gene', '=', geneOfOrder(orderNumber))
    .where('order_number', '=', orderNumber)
    .where('buyer', '=', buyer)
    .orderBy('line')
    .execute();
  return rows.map(ticketOf);
};

/** Whoever has it. Undefined while there is no such ticket. */
export const ticketById = async (
  db: Db,
  { orderNumber, index }: TicketRef,
): Promise<IssuedTicket | undefined> => {
  const row = await db
    .selectFrom('ticket')
    .select(ticketColumns)
    .where('gene', '=', geneOfOrder(orderNumber))
    .where('order_number', '=', orderNumber)
    .where('line', '=', index)
    .executeTakeFirst();
  return row && ticketOf(row);
};

export type TicketsOfBuyer = {
  readonly buyer: UserId;
  readonly after?: string | undefined;
  readonly limit: number;
};

/** Those of the newest order first; refunded ones too. */
export const ticketsOfBuyer = async (
  db: Db,
  { buyer, after, limit }: TicketsOfBuyer,
): Promise<Page<IssuedTicket> | CursorRefused> => {
  const size = boundedLimit(limit);
  let query = db
    .selectFrom('ticket')
    .select(ticketColumns)
    .where('gene', '=', geneOf(buyer))
    .where('buyer', '=', buyer)
    .orderBy('order_number', 'desc')
    .orderBy('line')
    .limit(size + 1);
  if (after !== undefined) {
    const last = cursorSchema.safeParse(readCursor(LIST, after)).data;
    if (last === undefined) return cursorRefused;
    const [order, line] = last;
    // The first condition follows from the second, and is the one that the index is entered by.
    query = query
      .where('order_number', '<=', order)
      .where(sql<SqlBool>`(order_number < ${order} or line > ${line})`);
  }
  return pageOf(await query.execute(), size, ticketOf, (row) =>
    writeCursor(LIST, [row.order_number, row.line]),
  );
};

const LIST = 'tickets';
const cursorSchema = z.tuple([orderNumberSchema, z.int()]);

const ticketOf = (row: TicketRow): IssuedTicket => ({
  orderNumber: row.order_number,
  index: row.line,
  programId: row.program_id,
  buyer: row.buyer,
  ticketUser: row.ticket_user,
  categoryId: row.category_id,
  seat:
    row.seat === null
      ? null
      : {
          number: row.seat,
          section: row.section ?? '',
          row: row.row_label ?? '',
          seat: row.seat_label ?? '',
        },
  status: row.status,
  issuedAtMs: row.issued_at_ms,
});
