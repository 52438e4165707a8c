/** What the events of sales make of an order's tickets. */
import { type Place, programOfSaleStream, type SaleEvent } from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { ProgramId, TicketUserId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Hall } from '../orders/halls.ts';
import type { Projected } from '../projection.ts';
import type { KeptTicket, OrderTicketsRow } from './table.ts';

export type TicketEvent = Extract<
  SaleEvent,
  { readonly type: 'OrderPlaced' | 'OrderReseated' | 'TicketsIssued' | 'OrderRefunded' }
>;

/** The event that needs nothing of what was before. */
export const startsAnew = ({ type }: TicketEvent): boolean => type === 'OrderPlaced';

/** The events whose seats need their names. */
export const namesPlaces = ({ type }: TicketEvent): boolean =>
  type === 'OrderPlaced' || type === 'OrderReseated';

/** Throws when the event contradicts those before it. */
export const evolve = (
  row: OrderTicketsRow | undefined,
  event: Projected<TicketEvent>,
  hallOf: (program: ProgramId) => Hall,
): OrderTicketsRow => {
  if (event.type === 'OrderPlaced') return placed(event, hallOf);
  if (row === undefined) return contradicts(event, 'changes an order that is not known');
  switch (event.type) {
    case 'OrderReseated': {
      const hall = hallOf(row.program_id);
      const { places } = event.data;
      return {
        ...row,
        tickets: row.tickets.map(([ticketUser], index) => kept(ticketUser, places[index], hall, event)),
      };
    }
    case 'TicketsIssued':
      return { ...row, issued_at_ms: event.recordedAtMs };
    case 'OrderRefunded': {
      const refunded = new Set([...row.refunded, ...event.data.tickets]);
      return { ...row, refunded: [...refunded].sort((one, other) => one - other) };
    }
    default:
      return unreachable(event);
  }
};

const placed = (
  event: Projected<Extract<TicketEvent, { readonly type: 'OrderPlaced' }>>,
  hallOf: (program: ProgramId) => Hall,
): OrderTicketsRow => {
  const { orderNumber, buyer, tickets } = event.data;
  const program_id =
    programOfSaleStream(event.stream) ??
    contradicts(event, `is in ${event.stream}, which is no sale's stream`);
  const hall = hallOf(program_id);
  return {
    gene: geneOfOrder(orderNumber),
    order_number: orderNumber,
    program_id,
    buyer,
    tickets: tickets.map(({ ticketUser, category, seat }) => kept(ticketUser, [category, seat], hall, event)),
    refunded: [],
    issued_at_ms: null,
  };
};

const kept = (
  ticketUser: TicketUserId,
  place: Place | undefined,
  hall: Hall,
  event: Projected<TicketEvent>,
): KeptTicket => {
  const [category, seat] = place ?? [];
  const categoryId = category === undefined ? undefined : hall.categories[category];
  if (categoryId === undefined || seat === undefined) return contradicts(event, 'names no place of its hall');
  if (seat === null) return [ticketUser, categoryId];
  const name = hall.seats.nameOf(seat);
  if (name === undefined) return contradicts(event, `names seat ${seat}, which its hall does not have`);
  return [ticketUser, categoryId, seat, name.section, name.row, name.seat];
};

const contradicts = ({ type, data }: Projected<TicketEvent>, how: string): never => {
  throw new Error(`${type} of order ${data.orderNumber} ${how}.`);
};
