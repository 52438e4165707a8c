/** What the events of sales, and of the queue before them, make of an order's rows. */
import type { OrderQueueEvent } from '../../domain/order-queue/index.ts';
import {
  type OrderStatus,
  type Place,
  programOfSaleStream,
  type SaleEvent,
} from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { ProgramId, UserId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Projected } from '../projection.ts';
import type { Hall } from './halls.ts';
import type { OrderLineRow, OrderRow } from './table.ts';

type NotAnOrders =
  | 'SaleStarted'
  | 'SaleRescheduled'
  | 'SaleEnded'
  | 'SeatsHeld'
  | 'HoldReleased'
  | 'HoldExpired';
export type OrderEvent = OrderQueueEvent | Exclude<SaleEvent, { readonly type: NotAnOrders }>;
type Event<Type extends OrderEvent['type']> = Projected<Extract<OrderEvent, { readonly type: Type }>>;

/** Has one owner, and is changed: a rebuild comes by here millions of times. */
export type OrderRows = {
  readonly head: OrderRow;
  /** Undefined while they stay what they are in the table. */
  lines: readonly OrderLineRow[] | undefined;
};

/** The events that need nothing of what was before. */
export const startsAnew = (event: OrderEvent): boolean =>
  event.type === 'OrderPlaced' && event.data.queue === undefined;

/** The events whose seats need their names. */
export const namesPlaces = ({ type }: OrderEvent): boolean =>
  type === 'OrderPlaced' || type === 'OrderReseated';

/** The events that need the order's lines to be there. */
export const changesLines = ({ type }: OrderEvent): boolean =>
  type === 'OrderReseated' || type === 'OrderRefunded';

/** May change `rows`, and then answers them. Throws when the event contradicts those before it. */
export const evolve = (
  rows: OrderRows | undefined,
  event: Projected<OrderEvent>,
  hallOf: (program: ProgramId) => Hall,
): OrderRows => {
  switch (event.type) {
    case 'OrderQueued':
      return rows ?? queued(event);
    case 'OrderPlaced':
      // What was before is not looked up for an order that starts anew, so it must not count in a batch either.
      return placed(startsAnew(event) ? undefined : rows, event, hallOf);
    case 'OrderRejected':
    case 'OrderRepeated':
      // An order that was decided keeps its fate when its queue entry, or its number, comes again.
      return rows === undefined || rows.head.status === 'queued' ? turnedDown(rows, event) : rows;
    default:
      return rows === undefined ? unknown(event) : evolveKnown(rows, event, hallOf);
  }
};

type LaterEvent = Event<
  Exclude<OrderEvent['type'], 'OrderQueued' | 'OrderPlaced' | 'OrderRejected' | 'OrderRepeated'>
>;

const evolveKnown = (rows: OrderRows, event: LaterEvent, hallOf: (program: ProgramId) => Hall): OrderRows => {
  const { head } = rows;
  const { recordedAtMs } = event;
  switch (event.type) {
    case 'OrderCancelled':
      head.status = 'cancelled';
      head.ended_at_ms = recordedAtMs;
      return rows;
    case 'OrderExpired':
      head.status = 'expired';
      head.ended_at_ms = recordedAtMs;
      return rows;
    case 'OrderReseated': {
      const { places, together } = event.data;
      rows.lines = known(rows.lines, event).map((line, index) => ({
        ...line,
        ...placeColumns(places[index], hallOf(head.program_id), event),
      }));
      head.status = 'awaiting_payment';
      head.together = together;
      head.ended_at_ms = null;
      return rows;
    }
    case 'OrderPaid':
      head.status = 'paid';
      head.payment_number = event.data.paymentNumber;
      head.paid_at_ms = recordedAtMs;
      return rows;
    case 'LatePaymentRefused':
      head.status = 'payment_refused';
      head.payment_number = event.data.paymentNumber;
      head.refusal = event.data.code;
      return rows;
    case 'TicketsIssued':
      head.status = 'issued';
      head.issued_at_ms = recordedAtMs;
      return rows;
    case 'OrderRefunded':
      return refunded(head, known(rows.lines, event), event);
    default:
      return unreachable(event);
  }
};

const refunded = (
  head: OrderRow,
  lines: readonly OrderLineRow[],
  { data, recordedAtMs }: Event<'OrderRefunded'>,
): OrderRows => {
  const left = lines.map((line) => ({
    ...line,
    refunded: line.refunded || data.tickets.includes(line.line),
  }));
  const change = { refunded_minor: head.refunded_minor + data.amountMinor };
  const ended = left.every((line) => line.refunded)
    ? ({ status: 'refunded', ended_at_ms: recordedAtMs } as const)
    : {};
  return { head: { ...head, ...change, ...ended }, lines: left };
};

const placed = (
  rows: OrderRows | undefined,
  event: Event<'OrderPlaced'>,
  hallOf: (program: ProgramId) => Hall,
): OrderRows => {
  const { orderNumber, buyer, tickets, amountMinor, together, deadlineMs } = event.data;
  const programId = programOf(event);
  const hall = hallOf(programId);
  const gene = geneOfOrder(orderNumber);
  const head = blank(event, programId, buyer, 'awaiting_payment');
  head.currency = hall.currency;
  head.amount_minor = amountMinor;
  head.together = together;
  head.deadline_ms = deadlineMs;
  head.asked_at_ms = rows?.head.asked_at_ms ?? event.recordedAtMs;
  head.placed_at_ms = event.recordedAtMs;
  return {
    head,
    lines: tickets.map(({ ticketUser, category, seat, priceMinor }, line) => ({
      gene,
      order_number: orderNumber,
      line,
      ticket_user: ticketUser,
      ...placeColumns([category, seat], hall, event),
      price_minor: priceMinor,
      refunded: false,
    })),
  };
};

const queued = (event: Event<'OrderQueued'>): OrderRows => {
  const { programId, buyer, deadlineMs } = event.data;
  const head = blank(event, programId, buyer, 'queued');
  head.deadline_ms = deadlineMs;
  return { head, lines: undefined };
};

const turnedDown = (
  rows: OrderRows | undefined,
  event: Event<'OrderRejected' | 'OrderRepeated'>,
): OrderRows => {
  const head = rows?.head ?? blank(event, programOf(event), event.data.buyer, 'queued');
  const how =
    event.type === 'OrderRejected'
      ? ({ status: 'rejected', refusal: event.data.code } as const)
      : ({ status: 'repeated', repeats: event.data.of } as const);
  return { head: { ...head, ...how, ended_at_ms: event.recordedAtMs }, lines: undefined };
};

const blank = (
  { data, recordedAtMs }: Projected<OrderEvent>,
  programId: ProgramId,
  buyer: UserId,
  status: OrderStatus,
): OrderRow => ({
  gene: geneOfOrder(data.orderNumber),
  order_number: data.orderNumber,
  program_id: programId,
  buyer,
  status,
  currency: null,
  amount_minor: null,
  refunded_minor: 0,
  together: null,
  deadline_ms: null,
  payment_number: null,
  refusal: null,
  repeats: null,
  asked_at_ms: recordedAtMs,
  placed_at_ms: null,
  paid_at_ms: null,
  issued_at_ms: null,
  ended_at_ms: null,
});

const placeColumns = (place: Place | undefined, hall: Hall, event: Projected<OrderEvent>) => {
  const [category, seat] = place ?? [];
  const categoryId = category === undefined ? undefined : hall.categories[category];
  if (categoryId === undefined || seat === undefined) return contradicts(event, 'names no place of its hall');
  if (seat === null) {
    return { category_id: categoryId, seat, section: null, row_label: null, seat_label: null };
  }
  const name = hall.seats.nameOf(seat);
  if (name === undefined) return contradicts(event, `names seat ${seat}, which its hall does not have`);
  const labels = { section: name.section, row_label: name.row, seat_label: name.seat };
  return { category_id: categoryId, seat, ...labels };
};

/** The program whose sale decided it. */
const programOf = (event: Projected<OrderEvent>): ProgramId =>
  programOfSaleStream(event.stream) ?? contradicts(event, `is in ${event.stream}, which is no sale's stream`);

const known = (
  lines: readonly OrderLineRow[] | undefined,
  event: Projected<OrderEvent>,
): readonly OrderLineRow[] => lines ?? contradicts(event, 'changes tickets that are not known');

const unknown = (event: Projected<OrderEvent>): never =>
  contradicts(event, 'changes an order that is not known');

const contradicts = ({ type, data }: Projected<OrderEvent>, how: string): never => {
  throw new Error(`${type} of order ${data.orderNumber} ${how}.`);
};
