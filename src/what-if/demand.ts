/**
 * What people wanted of a sale, and when, taken out of what its stream says happened: each event names what was asked
 * for, or keeps its fingerprint.
 */
import type { QueuedOrder } from '../domain/order-queue/index.ts';
import {
  type PlaceOrder,
  type SaleCommand,
  type SaleEventOf,
  type SaleTerms,
  wishOfHold,
  wishOfOrder,
} from '../domain/sale/index.ts';
import { createBookings, type Ended, holdKey } from './bookings.ts';
import { queueKey, type RecordedSale } from './recorded-sale.ts';

/** At the time of the log (ms), and there in this order. */
export type Wanted = {
  readonly atMs: number;
  readonly order: number;
  readonly command: SaleCommand;
  /** Whose order or hold it follows up; undefined where it begins one. */
  readonly follows?: string;
  /** Money that was captured for an order that had ended: it comes whatever became of the order. */
  readonly comesLate?: true;
};

export type Demand = {
  readonly terms: SaleTerms;
  readonly wanted: readonly Wanted[];
  /** What became of each order and hold that was had, by order number or `holdKey`. */
  readonly ended: ReadonlyMap<string, Ended>;
  /** When the log ends, in ms since 1970. */
  readonly untilMs: number;
  readonly known: Known;
};

/** How much of the demand the log can tell. */
export type Known = {
  /** Orders that came through the queue: all of them are known, the refused ones too. */
  readonly queuedOrders: number;
  /** Orders that came directly and were placed; those that were refused left nothing in the log. */
  readonly directOrders: number;
  readonly holds: number;
  /** Of these, what was asked for is not known: they are taken to have named the places they got. */
  readonly wishesUnknown: number;
  /** Answers to queued orders that are not in the queue any more. */
  readonly queuedOrdersLost: number;
};

/** Throws for a recording that does not begin with SaleStarted, which no sale's does. */
export function demandOf(sale: RecordedSale): Demand {
  const [first] = sale.events;
  if (first?.event.type !== 'SaleStarted') throw new Error('A sale begins with SaleStarted.');
  const terms = first.event.data;
  const reading: Reading = {
    sale,
    terms,
    bookings: createBookings(),
    window: { opensAtMs: terms.opensAtMs, closesAtMs: terms.closesAtMs },
    known: { queuedOrders: 0, directOrders: 0, holds: 0, wishesUnknown: 0, queuedOrdersLost: 0 },
  };
  const wanted: Wanted[] = [];
  let atMs = 0;
  for (const [order, { event, recordedAtMs }] of sale.events.entries()) {
    // A clock that was set back does not change the order of the log.
    atMs = Math.max(atMs, recordedAtMs);
    const told = wantedBy(reading, event, { atMs, order });
    if (told !== undefined) wanted.push({ atMs, order, ...told });
  }
  return { terms, wanted, ended: reading.bookings.ended(), untilMs: atMs, known: reading.known };
}

type At = { readonly atMs: number; readonly order: number };
type Told = Omit<Wanted, 'atMs' | 'order'>;
type Reading = {
  readonly sale: RecordedSale;
  readonly terms: SaleTerms;
  readonly bookings: ReturnType<typeof createBookings>;
  readonly known: { -readonly [Name in keyof Known]: number };
  window: { readonly opensAtMs: number; readonly closesAtMs: number };
};

function wantedBy(
  reading: Reading,
  event: RecordedSale['events'][number]['event'],
  at: At,
): Told | undefined {
  const { bookings } = reading;
  switch (event.type) {
    case 'SaleStarted':
      return { command: { type: 'StartSale', terms: event.data } };
    case 'SaleRescheduled':
      reading.window = event.data;
      return { command: { type: 'RescheduleSale', ...event.data } };
    case 'SaleEnded':
      return { command: { type: 'EndSale', nowMs: event.data.endedAtMs } };
    case 'SeatsHeld':
      return { command: holding(reading, event.data, at) };
    case 'HoldReleased': {
      const { holdToken } = event.data;
      const { buyer } = bookings.end(holdKey(holdToken), 'gone', at);
      return { follows: holdKey(holdToken), command: { type: 'ReleaseHold', holdToken, buyer } };
    }
    case 'HoldExpired':
      bookings.end(holdKey(event.data.holdToken), 'expired', at);
      return undefined;
    case 'OrderExpired':
      bookings.end(event.data.orderNumber, 'expired', at);
      return undefined;
    case 'OrderPlaced':
      return { command: placing(reading, event.data, at) };
    case 'OrderRepeated':
    case 'OrderRejected':
      return { command: unplaced(reading, event, at) };
    case 'OrderReseated':
      // The payment behind it says so again.
      return undefined;
    default:
      return followUp(bookings, event, at);
  }
}

type FollowUp = Extract<
  RecordedSale['events'][number]['event'],
  { type: 'OrderCancelled' | 'OrderPaid' | 'LatePaymentRefused' | 'TicketsIssued' | 'OrderRefunded' }
>;

function followUp(bookings: Reading['bookings'], event: FollowUp, at: At): Told {
  const { orderNumber } = event.data;
  const follows = orderNumber;
  switch (event.type) {
    case 'OrderCancelled': {
      const { buyer } = bookings.end(orderNumber, 'cancelled', at);
      return { follows, command: { type: 'CancelOrder', orderNumber, buyer } };
    }
    case 'OrderPaid':
    case 'LatePaymentRefused': {
      const { paymentNumber, amountMinor } = event.data;
      const isLate = bookings.hasEnded(orderNumber);
      bookings.end(orderNumber, 'paid', at);
      const command = { type: 'ConfirmPayment', orderNumber, paymentNumber, amountMinor } as const;
      return { follows, command, ...(isLate && { comesLate: true }) };
    }
    case 'TicketsIssued':
      return { follows, command: { type: 'IssueTickets', orderNumber } };
    case 'OrderRefunded':
      return { follows, command: { type: 'RefundOrder', orderNumber, tickets: event.data.tickets } };
  }
}

function holding(
  { terms, known, bookings }: Reading,
  data: SaleEventOf<'SeatsHeld'>,
  { atMs }: At,
): SaleCommand {
  const { holdToken, buyer, expiresAtMs, places } = data;
  known.holds += 1;
  bookings.begin(holdKey(holdToken), { buyer, atMs, deadlineMs: expiresAtMs });
  const wish = wishOfHold(data, terms);
  if (wish === undefined) known.wishesUnknown += 1;
  const want = wish ?? { by: 'seats', seats: places.flatMap(([, seat]) => seat ?? []) };
  return { type: 'HoldSeats', nowMs: expiresAtMs - terms.holdTtlMs, holdToken, buyer, want };
}

function placing(reading: Reading, data: SaleEventOf<'OrderPlaced'>, at: At): SaleCommand {
  const { terms, known, bookings, sale } = reading;
  const { orderNumber, buyer, requestId, tickets, deadlineMs, holdToken, queue } = data;
  if (holdToken !== undefined) bookings.end(holdKey(holdToken), 'gone', at);
  bookings.begin(orderNumber, { buyer, atMs: at.atMs, deadlineMs });
  const nowMs = deadlineMs - terms.paymentTtlMs;
  const queued = queue && sale.queued.get(queueKey(queue));
  if (queue === undefined) known.directOrders += 1;
  else known.queuedOrders += 1;
  if (queue !== undefined && queued !== undefined) return queuedOrder(queued, queue, nowMs);
  if (queue !== undefined) known.queuedOrdersLost += 1;
  const wish = wishOfOrder(data, terms);
  if (wish === undefined) known.wishesUnknown += 1;
  const want = wish ?? { by: 'seats', seats: tickets.flatMap(({ seat }) => seat ?? []) };
  const ticketUsers = tickets.map(({ ticketUser, idDocument }) => ({ ticketUser, idDocument }));
  const asked = { orderNumber, buyer, requestId, ticketUsers, want };
  return { type: 'PlaceOrder', nowMs, ...asked, ...(queue && { queue }) };
}

function queuedOrder(
  queued: QueuedOrder,
  queue: NonNullable<PlaceOrder['queue']>,
  nowMs: number,
): PlaceOrder {
  const { programId: _, deadlineMs: __, ...asked } = queued;
  return { type: 'PlaceOrder', nowMs, queue, ...asked };
}

type Unplaced = Extract<RecordedSale['events'][number]['event'], { type: 'OrderRepeated' | 'OrderRejected' }>;

/** Left behind in the queue, or not the buyer's people: neither is the sale's doing, and happens again. */
const DECIDED_ELSEWHERE: readonly string[] = ['abandoned', 'unknown_ticket_user'];

function unplaced(
  { sale, known, window, bookings }: Reading,
  { type, data }: Unplaced,
  { atMs }: At,
): SaleCommand {
  const { orderNumber, buyer, queue } = data;
  const queued = sale.queued.get(queueKey(queue));
  const code = type === 'OrderRejected' ? data.code : undefined;
  known.queuedOrders += 1;
  if (queued === undefined) known.queuedOrdersLost += 1;
  if (queued === undefined || (code !== undefined && DECIDED_ELSEWHERE.includes(code))) {
    return { type: 'RejectOrder', orderNumber, buyer, code: code ?? 'abandoned', queue };
  }
  const nowMs = momentOf(code, atMs, window);
  const { want } = queued;
  const holdEndsMs = want.by === 'hold' ? bookings.deadlineMsOf(holdKey(want.holdToken)) : undefined;
  if (holdEndsMs === undefined) return queuedOrder(queued, queue, nowMs);
  if (code === 'hold_expired') return queuedOrder(queued, queue, Math.max(nowMs, holdEndsMs));
  // The hold was still good, unless it was refused for something that is looked at before.
  const inTimeMs = Math.max(Math.min(nowMs, holdEndsMs - 1), window.opensAtMs);
  return queuedOrder(queued, queue, code === 'sale_not_open' || code === 'sale_closed' ? nowMs : inTimeMs);
}

/** When it was decided, which the log does not say: about when it was recorded, on the side of the hours it met. */
function momentOf(code: string | undefined, atMs: number, window: Reading['window']): number {
  if (code === 'sale_not_open') return Math.min(atMs, window.opensAtMs - 1);
  if (code === 'sale_closed') return Math.max(atMs, window.closesAtMs);
  return Math.min(Math.max(atMs, window.opensAtMs), window.closesAtMs - 1);
}
