/**
 * What each event of a sale changes in Redis. Events that end something do not say whose it was: the fold of the sale
 * knows, as it was before the event.
 */
import type { OrderBook } from '../domain/sale/book.ts';
import { buyerOf, findBooking } from '../domain/sale/bookings.ts';
import type { Place, SaleEvent, SaleEventOf, SaleState } from '../domain/sale/index.ts';
import { type Key, keyOfBuyer, keyOfDigest, keyOfHold, keyOfNumber } from '../domain/sale/keys.ts';
import { unreachable } from '../domain/shared/event.ts';
import type { OrderNumber, RequestId } from '../domain/shared/ids.ts';
import { type CategoryPlaces, type Effect, type SeatStatus, seatStatus } from '../gate/index.ts';

type Change = Omit<Effect, 'revision'>;
const NOTHING: Change = {};

/** Which request a queued order is about, as far as it is known. */
export type RequestOf = (orderNumber: OrderNumber) => RequestId | undefined;

/** `state` is the sale before the event. */
export function effectOf(state: SaleState, event: SaleEvent, revision: bigint, requestOf: RequestOf): Effect {
  const { book } = state;
  return { revision, ...(book === undefined ? NOTHING : changeOf(book, event, requestOf)) };
}

function changeOf(book: OrderBook, event: SaleEvent, requestOf: RequestOf): Change {
  switch (event.type) {
    case 'SeatsHeld':
      return taken(keyOfBuyer(event.data.buyer), event.data.places);
    case 'HoldReleased':
    case 'HoldExpired':
      return givenBack(buyerOfBooking(book, keyOfHold(event.data.holdToken)), event.data.places);
    case 'OrderPlaced':
      return orderPlaced(event.data);
    case 'OrderRepeated':
      return orderRepeated(book, event.data, requestOf);
    case 'OrderRejected': {
      const request = requestOf(event.data.orderNumber);
      return request === undefined ? NOTHING : { released: keyOfDigest(request) };
    }
    case 'OrderCancelled':
    case 'OrderExpired':
    case 'OrderRefunded':
      return givenBack(buyerOfBooking(book, keyOfNumber(event.data.orderNumber)), event.data.places);
    case 'OrderReseated':
      return taken(buyerOfBooking(book, keyOfNumber(event.data.orderNumber)), event.data.places);
    case 'OrderPaid':
      return withSeats(seatStatus.sold, event.data.places);
    case 'SaleStarted':
    case 'SaleRescheduled':
    case 'LatePaymentRefused':
    case 'TicketsIssued':
    case 'SaleEnded':
      return NOTHING;
    default:
      return unreachable(event);
  }
}

function orderPlaced({ requestId, holdToken, tickets, buyer }: SaleEventOf<'OrderPlaced'>): Change {
  const request = keyOfDigest(requestId);
  // The places of a hold are held and counted already, for the same buyer.
  if (holdToken !== undefined) return { request };
  const places = tickets.map(({ category, seat }): Place => [category, seat]);
  return { ...taken(keyOfBuyer(buyer), places), request };
}

/** The queued request got the answer of an earlier one: whoever sends it again is let through to that. */
function orderRepeated(
  book: OrderBook,
  { orderNumber, of }: SaleEventOf<'OrderRepeated'>,
  requestOf: RequestOf,
): Change {
  const queued = requestOf(orderNumber);
  if (queued !== undefined) return { request: keyOfDigest(queued) };
  const earlier = findBooking(book, keyOfNumber(of));
  if (earlier === -1) return NOTHING;
  const { requestHi, requestLo } = book.bookings;
  return { request: { hi: requestHi[earlier] ?? 0, lo: requestLo[earlier] ?? 0 } };
}

function taken(buyer: Key | undefined, places: readonly Place[]): Change {
  return {
    ...withSeats(seatStatus.held, places),
    stock: byCategory(places, -1),
    ...(buyer && { buyer: { buyer, places: places.length } }),
  };
}

function givenBack(buyer: Key | undefined, places: readonly Place[]): Change {
  return {
    ...withSeats(seatStatus.free, places),
    stock: byCategory(places, 1),
    ...(buyer && { buyer: { buyer, places: -places.length } }),
  };
}

function withSeats(status: SeatStatus, places: readonly Place[]): Change {
  const numbers = places.flatMap(([, seat]) => (seat === null ? [] : [seat]));
  return numbers.length === 0 ? NOTHING : { seats: { status, numbers } };
}

function byCategory(places: readonly Place[], sign: 1 | -1): CategoryPlaces[] {
  const sums = new Map<number, number>();
  for (const [category] of places) sums.set(category, (sums.get(category) ?? 0) + sign);
  return [...sums].map(([category, sum]) => ({ category, places: sum }));
}

/** Undefined for a contradiction in the log, which folding the event is about to find. */
function buyerOfBooking(book: OrderBook, key: Key): Key | undefined {
  const booking = findBooking(book, key);
  return booking === -1 ? undefined : buyerOf(book, booking);
}
