/** The tickets of an order that was issued, with their codes: computed when asked for, and kept nowhere. */
import type { SaleRefusalCode } from '../domain/sale/index.ts';
import type { TicketUserId } from '../domain/shared/ids.ts';
import type { Order, OrderedTicket } from '../projections/orders/index.ts';
import type { SigningKey } from '../signing.ts';
import { signTicket, type TicketFacts, ticketUserRef } from './code.ts';

export type Ticket = {
  readonly ticketId: string;
  /** Its place in the order, from 0. */
  readonly index: number;
  readonly ticketUser: TicketUserId;
  readonly categoryId: OrderedTicket['categoryId'];
  readonly seat: TicketFacts['seat'];
  readonly code: string;
};

export type TicketsOfOrder =
  | { readonly kind: 'tickets'; readonly tickets: readonly Ticket[] }
  | { readonly kind: 'refused'; readonly code: SaleRefusalCode | 'tickets_not_issued' };

export type TicketedOrder = Pick<Order, 'orderNumber' | 'programId' | 'status' | 'tickets'>;

/** Those that were given back are not among them. */
export function ticketsOfOrder(order: TicketedOrder, key: SigningKey): TicketsOfOrder {
  if (order.status !== 'issued') return { kind: 'refused', code: whyNone[order.status] };
  const tickets = order.tickets.flatMap((ticket, index) =>
    ticket.refunded ? [] : [ticketOf(order, ticket, index, key)],
  );
  return { kind: 'tickets', tickets };
}

const whyNone: Readonly<Record<Exclude<Order['status'], 'issued'>, SaleRefusalCode | 'tickets_not_issued'>> =
  {
    queued: 'order_not_paid',
    awaiting_payment: 'order_not_paid',
    paid: 'tickets_not_issued',
    cancelled: 'order_cancelled',
    expired: 'order_expired',
    payment_refused: 'order_expired',
    refunded: 'order_refunded',
    rejected: 'order_not_paid',
    repeated: 'order_not_paid',
  };

function ticketOf(order: TicketedOrder, ticket: OrderedTicket, index: number, key: SigningKey): Ticket {
  const { programId, orderNumber } = order;
  const { ticketUser, categoryId } = ticket;
  const seat = ticket.seat && {
    number: ticket.seat.number,
    section: ticket.seat.section ?? '',
    row: ticket.seat.row ?? '',
    seat: ticket.seat.seat ?? '',
  };
  const facts = { programId, orderNumber, index, categoryId, seat, ticketUserRef: ticketUserRef(ticketUser) };
  const ticketId = `${orderNumber}-${index}`;
  return { ticketId, index, ticketUser, categoryId, seat, code: signTicket(key, facts) };
}
