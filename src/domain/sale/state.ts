/**
 * The sale as its events made it. A state has one owner and is changed in place: a hall of 100,000 seats is not
 * copied for an order. Decisions that are not in the log yet are taken in a batch, which can be taken back.
 */
import { unreachable } from '../shared/event.ts';
import { CLOSES_AT, createBook, OPENS_AT, type OrderBook } from './book.ts';
import {
  changeFacts,
  claimsOf,
  dropClaims,
  findBooking,
  givePlacesBack,
  moveClaims,
  openBooking,
  sellPlaces,
  takePlaces,
  ticketIndexOf,
} from './bookings.ts';
import { closeJournal, createJournal, type Journal, put, undoJournal } from './cells.ts';
import type { QueuePosition, SaleEvent, SaleEventOf } from './events.ts';
import { keyOfBuyer, keyOfDigest, keyOfHold, keyOfNumber } from './keys.ts';
import { recall, remember } from './remembered.ts';

export type SaleState = {
  /** Undefined until the sale has started. */
  book: OrderBook | undefined;
  readonly journal: Journal;
  startedBeforeBatch: boolean;
};

export function initial(): SaleState {
  return { book: undefined, journal: createJournal(), startedBeforeBatch: false };
}

/** From here on, what is evolved can be taken back. Throws when a batch is open already. */
export function openBatch(state: SaleState): void {
  if (state.journal.open) throw new Error('A batch is open already.');
  state.journal.open = true;
  state.startedBeforeBatch = state.book !== undefined;
}

/** The batch is in the log. */
export function keepBatch(state: SaleState): void {
  closeJournal(state.journal);
}

/** The batch is not in the log: the state is again what it was when the batch was opened. */
export function undoBatch(state: SaleState): void {
  if (state.startedBeforeBatch) undoJournal(state.journal);
  else state.book = undefined;
  closeJournal(state.journal);
}

/** Changes `state` in place and returns it. Throws when the event contradicts those before it. */
export function evolve(state: SaleState, event: SaleEvent): SaleState {
  if (event.type === 'SaleStarted') state.book = createBook(event.data, state.journal);
  else if (state.book === undefined) throw new Error(`${event.type} comes before SaleStarted.`);
  else evolveBook(state.book, event);
  return state;
}

type LaterEvent = Exclude<SaleEvent, { readonly type: 'SaleStarted' }>;

function evolveBook(book: OrderBook, event: LaterEvent): void {
  switch (event.type) {
    case 'SaleRescheduled':
      put(book.journal, book.window, OPENS_AT, event.data.opensAtMs);
      put(book.journal, book.window, CLOSES_AT, event.data.closesAtMs);
      break;
    case 'SeatsHeld':
      seatsHeld(book, event.data);
      break;
    case 'HoldReleased':
      endHold(book, event.data.holdToken, 'hold_released');
      break;
    case 'HoldExpired':
      endHold(book, event.data.holdToken, 'hold_expired');
      break;
    case 'OrderPlaced':
      orderPlaced(book, event.data);
      break;
    case 'OrderRepeated':
    case 'OrderRejected':
      moveLane(book, event.data.queue);
      break;
    case 'OrderCancelled':
      endOrder(book, event.data.orderNumber, 'cancelled');
      break;
    case 'OrderExpired':
      endOrder(book, event.data.orderNumber, 'expired');
      break;
    case 'OrderReseated':
      orderReseated(book, event.data);
      break;
    case 'OrderPaid':
      orderPaid(book, event.data);
      break;
    case 'LatePaymentRefused':
      latePaymentRefused(book, event.data);
      break;
    case 'TicketsIssued':
      changeFacts(book, orderOf(book, event.data.orderNumber), { status: 'issued' });
      break;
    case 'OrderRefunded':
      orderRefunded(book, event.data);
      break;
    case 'SaleEnded':
      put(book.journal, book.closed, 0, 1);
      break;
    default:
      unreachable(event);
  }
}

function seatsHeld(book: OrderBook, data: SaleEventOf<'SeatsHeld'>): void {
  openBooking(book, {
    key: keyOfHold(data.holdToken),
    buyer: keyOfBuyer(data.buyer),
    request: undefined,
    content: data.content,
    together: data.together,
    deadlineMs: data.expiresAtMs,
    status: 'held_seats',
    tickets: data.places.map((place) => ({ place, idDocument: undefined, priceMinor: 0 })),
  });
}

function endHold(
  book: OrderBook,
  holdToken: SaleEventOf<'SeatsHeld'>['holdToken'],
  status: 'hold_released' | 'hold_expired' | 'hold_ordered',
): void {
  const hold = findBooking(book, keyOfHold(holdToken));
  if (hold === -1) throw new Error(`Hold ${holdToken} ends and is not known.`);
  const claims = claimsOf(book, hold);
  givePlacesBack(book, hold, claims);
  dropClaims(book, hold, new Set(claims));
  changeFacts(book, hold, { status });
  remember(book, book.endedHolds, hold);
}

function orderPlaced(book: OrderBook, data: SaleEventOf<'OrderPlaced'>): void {
  if (data.holdToken !== undefined) endHold(book, data.holdToken, 'hold_ordered');
  openBooking(book, {
    key: keyOfNumber(data.orderNumber),
    buyer: keyOfBuyer(data.buyer),
    request: keyOfDigest(data.requestId),
    content: data.content,
    together: data.together,
    deadlineMs: data.deadlineMs,
    status: 'awaiting_payment',
    tickets: data.tickets.map(({ category, seat, idDocument, priceMinor }) => ({
      place: [category, seat],
      idDocument,
      priceMinor,
    })),
  });
  if (data.queue !== undefined) moveLane(book, data.queue);
}

function moveLane(book: OrderBook, queue: QueuePosition): void {
  put(book.journal, book.lanes, queue.lane, queue.revision);
}

function orderOf(book: OrderBook, orderNumber: SaleEventOf<'OrderPaid'>['orderNumber']): number {
  const order = findBooking(book, keyOfNumber(orderNumber));
  if (order === -1) throw new Error(`Order ${orderNumber} changes and is not known.`);
  return order;
}

function endOrder(
  book: OrderBook,
  orderNumber: SaleEventOf<'OrderPaid'>['orderNumber'],
  status: 'cancelled' | 'expired' | 'refunded',
): void {
  const order = orderOf(book, orderNumber);
  givePlacesBack(book, order, claimsOf(book, order));
  changeFacts(book, order, { status });
  remember(book, book.endedOrders, order);
}

function orderReseated(book: OrderBook, data: SaleEventOf<'OrderReseated'>): void {
  const order = orderOf(book, data.orderNumber);
  recall(book, book.endedOrders, order);
  moveClaims(book, order, data.places);
  changeFacts(book, order, { status: 'awaiting_payment', together: data.together });
  takePlaces(book, order, claimsOf(book, order));
}

function orderPaid(book: OrderBook, data: SaleEventOf<'OrderPaid'>): void {
  const order = orderOf(book, data.orderNumber);
  rememberPayment(book, order, data.paymentNumber);
  sellPlaces(book, order);
  changeFacts(book, order, { status: 'paid' });
}

function latePaymentRefused(book: OrderBook, data: SaleEventOf<'LatePaymentRefused'>): void {
  const order = orderOf(book, data.orderNumber);
  rememberPayment(book, order, data.paymentNumber);
  changeFacts(book, order, { status: 'payment_refused', refusal: data.code });
}

function rememberPayment(
  book: OrderBook,
  order: number,
  payment: SaleEventOf<'OrderPaid'>['paymentNumber'],
): void {
  const { hi, lo } = keyOfNumber(payment);
  put(book.journal, book.bookings.paymentHi, order, hi);
  put(book.journal, book.bookings.paymentLo, order, lo);
}

function orderRefunded(book: OrderBook, data: SaleEventOf<'OrderRefunded'>): void {
  const order = orderOf(book, data.orderNumber);
  const claims = claimsOf(book, order);
  const refunded = claims.filter((claim) => data.tickets.includes(ticketIndexOf(book, claim)));
  if (refunded.length === claims.length) {
    endOrder(book, data.orderNumber, 'refunded');
    return;
  }
  givePlacesBack(book, order, refunded);
  dropClaims(book, order, new Set(refunded));
}
