/** Placing an order: everything that must hold at once is checked here, top to bottom, and the seats are taken. */
import type { AmountMinor } from '../shared/money.ts';
import type { OrderBook } from './book.ts';
import { buyerOf, claimsOf, factsOf, findBooking, ticketsOfBuyer } from './bookings.ts';
import type { OrderPlacedOutcome, PlaceOrder, Refused, RejectOrder } from './commands.ts';
import type { QueuePosition, SaleEventOf, Ticket } from './events.ts';
import {
  decimalOf,
  fingerprintOf,
  keyOfBuyer,
  keyOfDigest,
  keyOfHold,
  keyOfNumber,
  sameKey,
} from './keys.ts';
import { amountOf, closedFor, placesOf, refused, type SaleDecision } from './outcomes.ts';
import { countWanted, type FoundPlaces, findPlaces, senselessWish } from './places.ts';
import type { SaleRefusalCode } from './refusals.ts';
import type { SeatPolicy } from './seat-choice.ts';
import { findSlot } from './slot-table.ts';
import { contentText } from './wish.ts';

type OrderNumber = PlaceOrder['orderNumber'];

export function placeOrder(command: PlaceOrder, book: OrderBook, choose: SeatPolicy): SaleDecision {
  const { queue } = command;
  if (queue !== undefined && isDecided(book, queue)) {
    return { outcome: { kind: 'already_decided', queue }, events: [] };
  }
  const content = fingerprintOf(contentText(command));
  const earlier = earlierOrder(command, book, content);
  if (earlier?.kind === 'order_placed') return repeat(command, earlier);
  const decided = earlier ?? check(command, book) ?? takePlaces(command, book, choose);
  if (decided.kind === 'refused') return reject(command, decided);
  const order = newOrder(command, book, decided, content);
  if (command.expectedAmountMinor !== undefined && command.expectedAmountMinor !== order.amountMinor) {
    return reject(command, refused('price_changed'));
  }
  return { outcome: placedOutcome(order, decided), events: [{ type: 'OrderPlaced', data: order }] };
}

export function rejectOrder(command: RejectOrder, book: OrderBook): SaleDecision {
  const { orderNumber, buyer, code, queue } = command;
  if (isDecided(book, queue)) return { outcome: { kind: 'already_decided', queue }, events: [] };
  const earlier = findBooking(book, keyOfNumber(orderNumber));
  // Queued twice and late the second time: the order that was placed stays placed.
  if (earlier !== -1) return repeat(command, orderAgain(book, earlier));
  return {
    outcome: { kind: 'order_rejected', orderNumber, code },
    events: [{ type: 'OrderRejected', data: { orderNumber, buyer, code, queue } }],
  };
}

function isDecided(book: OrderBook, queue: QueuePosition): boolean {
  return queue.revision <= (book.lanes[queue.lane] ?? -1);
}

/** The order that this request, or this order number, was decided to be before. */
function earlierOrder(
  command: PlaceOrder,
  book: OrderBook,
  content: number,
): OrderPlacedOutcome | Refused | undefined {
  const byNumber = findBooking(book, keyOfNumber(command.orderNumber));
  const request = keyOfDigest(command.requestId);
  const byRequest = findSlot(book.bookingByRequest, request.hi, request.lo);
  if (byNumber !== -1 && byNumber !== byRequest) return refused('duplicate_order_number');
  if (byRequest === -1) return undefined;
  const same =
    sameKey(buyerOf(book, byRequest), keyOfBuyer(command.buyer)) &&
    book.bookings.content[byRequest] === (content | 0);
  if (!same) return refused(byNumber === -1 ? 'request_id_reused' : 'duplicate_order_number');
  return orderAgain(book, byRequest);
}

function orderAgain(book: OrderBook, order: number): OrderPlacedOutcome {
  const { bookings } = book;
  const { status, together } = factsOf(book, order);
  return {
    kind: 'order_placed',
    orderNumber: decimalOf(bookings.keyHi[order] ?? 0, bookings.keyLo[order] ?? 0) as OrderNumber,
    status,
    places: placesOf(book, order),
    together,
    amountMinor: amountOf(book, claimsOf(book, order)),
    deadlineMs: bookings.deadlineMs[order] ?? 0,
  };
}

function repeat(command: PlaceOrder | RejectOrder, outcome: OrderPlacedOutcome): SaleDecision {
  const { orderNumber, buyer, queue } = command;
  if (queue === undefined) return { outcome, events: [] };
  const data = { orderNumber, buyer, of: outcome.orderNumber, queue };
  return { outcome, events: [{ type: 'OrderRepeated', data }] };
}

/** Nobody waits for the answer to a queued order, so the log gives it. */
function reject({ orderNumber, buyer, queue }: PlaceOrder, outcome: Refused): SaleDecision {
  if (queue === undefined) return { outcome, events: [] };
  const data = { orderNumber, buyer, code: outcome.code, queue };
  return { outcome, events: [{ type: 'OrderRejected', data }] };
}

type Check = (command: PlaceOrder, book: OrderBook) => SaleRefusalCode | undefined;

/** In this order: what costs least and says most comes first. */
const CHECKS: readonly Check[] = [
  (command, book) => closedFor(book, command.nowMs),
  ticketCountFits,
  withinOrderLimit,
  wishMakesSense,
  holdIsGood,
  ticketUsersDiffer,
  documentsAreUnused,
  withinBuyerLimit,
];

function check(command: PlaceOrder, book: OrderBook): Refused | undefined {
  for (const refusalOf of CHECKS) {
    const code = refusalOf(command, book);
    if (code !== undefined) return refused(code);
  }
  return undefined;
}

function ticketCountFits({ want, ticketUsers }: PlaceOrder): SaleRefusalCode | undefined {
  const fits = want.by === 'hold' || countWanted(want) === ticketUsers.length;
  return fits && ticketUsers.length > 0 ? undefined : 'ticket_count_mismatch';
}

function withinOrderLimit({ ticketUsers }: PlaceOrder, book: OrderBook): SaleRefusalCode | undefined {
  return ticketUsers.length > book.terms.limits.perOrder ? 'limit_per_order' : undefined;
}

function wishMakesSense({ want }: PlaceOrder, book: OrderBook): SaleRefusalCode | undefined {
  return want.by === 'hold' ? undefined : senselessWish(book, want)?.code;
}

function holdIsGood(
  { want, buyer, nowMs, ticketUsers }: PlaceOrder,
  book: OrderBook,
): SaleRefusalCode | undefined {
  if (want.by !== 'hold') return undefined;
  const hold = findBooking(book, keyOfHold(want.holdToken));
  if (hold === -1) return 'hold_not_found';
  if (!sameKey(buyerOf(book, hold), keyOfBuyer(buyer))) return 'hold_not_yours';
  const { status, ticketCount } = factsOf(book, hold);
  if (status === 'hold_expired') return 'hold_expired';
  if (status !== 'held_seats') return 'hold_ended';
  if (nowMs >= (book.bookings.deadlineMs[hold] ?? 0)) return 'hold_expired';
  return ticketCount === ticketUsers.length ? undefined : 'ticket_count_mismatch';
}

function ticketUsersDiffer({ ticketUsers }: PlaceOrder): SaleRefusalCode | undefined {
  const different = new Set(ticketUsers.map(({ ticketUser }) => ticketUser)).size;
  return different < ticketUsers.length ? 'ticket_user_repeated' : undefined;
}

function documentsAreUnused({ ticketUsers }: PlaceOrder, book: OrderBook): SaleRefusalCode | undefined {
  if (!book.terms.oneTicketPerIdDocument) return undefined;
  // By the same 64 bits that the table goes by, or two tickets of one order could share an entry.
  const seen = new Set<string>();
  for (const { idDocument } of ticketUsers) {
    const { hi, lo } = keyOfDigest(idDocument);
    const taken = findSlot(book.claimByDocument, hi, lo) !== -1 || seen.has(`${hi},${lo}`);
    if (taken) return 'id_document_already_used';
    seen.add(`${hi},${lo}`);
  }
  return undefined;
}

function withinBuyerLimit(
  { buyer, want, ticketUsers }: PlaceOrder,
  book: OrderBook,
): SaleRefusalCode | undefined {
  // The places of a hold count already.
  const more = want.by === 'hold' ? 0 : ticketUsers.length;
  const tickets = ticketsOfBuyer(book, keyOfBuyer(buyer)) + more;
  return tickets > book.terms.limits.perBuyer ? 'limit_per_buyer' : undefined;
}

function takePlaces({ want }: PlaceOrder, book: OrderBook, choose: SeatPolicy): FoundPlaces | Refused {
  if (want.by !== 'hold') return findPlaces(book, want, choose);
  const hold = findBooking(book, keyOfHold(want.holdToken));
  return { kind: 'found', places: placesOf(book, hold), together: factsOf(book, hold).together };
}

function newOrder(
  command: PlaceOrder,
  book: OrderBook,
  { places, together }: FoundPlaces,
  content: number,
): SaleEventOf<'OrderPlaced'> {
  const { orderNumber, buyer, requestId, ticketUsers, want, nowMs, queue } = command;
  const tickets: Ticket[] = [];
  let amount = 0;
  for (const [index, [category, seat]] of places.entries()) {
    const terms = book.terms.layout[category];
    const user = ticketUsers[index];
    if (terms === undefined || user === undefined) throw new Error(`Place ${index} has no price or no user.`);
    const { ticketUser, idDocument } = user;
    tickets.push({ ticketUser, idDocument, category, seat, priceMinor: terms.priceMinor });
    amount += terms.priceMinor;
  }
  return {
    orderNumber,
    buyer,
    requestId,
    content,
    tickets,
    amountMinor: amount as AmountMinor,
    together,
    deadlineMs: nowMs + book.terms.paymentTtlMs,
    ...(want.by === 'hold' ? { holdToken: want.holdToken } : {}),
    ...(queue === undefined ? {} : { queue }),
  };
}

function placedOutcome(
  order: SaleEventOf<'OrderPlaced'>,
  { places, together }: FoundPlaces,
): OrderPlacedOutcome {
  const { orderNumber, amountMinor, deadlineMs } = order;
  return {
    kind: 'order_placed',
    orderNumber,
    status: 'awaiting_payment',
    places,
    together,
    amountMinor,
    deadlineMs,
  };
}
