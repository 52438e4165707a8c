/** Tickets of orders, as `migrations/0010_tickets.sql` has them: kept by order, shown one by one. */
import type { CategoryId, OrderNumber, ProgramId, TicketUserId, UserId } from '../../domain/shared/ids.ts';
import { type Columns, wide, wideOrNull } from '../columns.ts';
import type { SaleRow } from '../orders/table.ts';

/** A ticket as its order keeps it; the second form is general admission. */
export type KeptTicket =
  | readonly [
      ticketUser: TicketUserId,
      category: CategoryId,
      seat: number,
      section: string,
      row: string,
      label: string,
    ]
  | readonly [ticketUser: TicketUserId, category: CategoryId];

export type OrderTicketsRow = {
  gene: number;
  order_number: OrderNumber;
  program_id: ProgramId;
  buyer: UserId;
  tickets: readonly KeptTicket[];
  /** Places in the order, ascending. */
  refunded: readonly number[];
  issued_at_ms: number | null;
};

export type TicketRow = {
  gene: number;
  order_number: OrderNumber;
  line: number;
  program_id: ProgramId;
  buyer: UserId;
  ticket_user: TicketUserId;
  category_id: CategoryId;
  seat: number | null;
  section: string | null;
  row_label: string | null;
  seat_label: string | null;
  status: 'live' | 'refunded';
  issued_at_ms: number;
};

export type TicketsTables = {
  ticket_hall: SaleRow;
  order_tickets: Columns<OrderTicketsRow, 'issued_at_ms'>;
  /** A view. */
  ticket: Columns<TicketRow, 'issued_at_ms'>;
};

export const orderTicketsColumns = [
  'gene',
  'order_number',
  'program_id',
  'buyer',
  'tickets',
  'refunded',
  wideOrNull('issued_at_ms'),
] as const;

export const ticketColumns = [
  'gene',
  'order_number',
  'line',
  'program_id',
  'buyer',
  'ticket_user',
  'category_id',
  'seat',
  'section',
  'row_label',
  'seat_label',
  'status',
  wide('issued_at_ms'),
] as const;
