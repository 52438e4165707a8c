/**
 * What events do to the order book: bookings open, take their places and give them back. Everything here follows
 * an event that was decided already; a contradiction in the log throws instead of overselling.
 */
import type { IdDocumentHash } from '../shared/ids.ts';
import { type BookingStatus, type Facts, type OrderBook, packFacts, unpackFacts } from './book.ts';
import { add, put } from './cells.ts';
import type { Place, Togetherness } from './events.ts';
import { type Key, keyOfDigest } from './keys.ts';
import { occupySeat, refreshBlocksOf, vacateSeat } from './seating.ts';
import { findSlot, insertSlot, removeSlot } from './slot-table.ts';
import { giveSlotBack, takeSlot } from './slots.ts';

export type NewBooking = {
  readonly key: Key;
  readonly buyer: Key;
  readonly request: Key | undefined;
  readonly content: number;
  readonly together: Togetherness;
  readonly deadlineMs: number;
  readonly status: 'held_seats' | 'awaiting_payment';
  readonly tickets: readonly NewClaim[];
};

export type NewClaim = {
  readonly place: Place;
  readonly idDocument: IdDocumentHash | undefined;
  readonly priceMinor: number;
};

/** Bookings whose places are theirs. */
const LIVE: ReadonlySet<BookingStatus> = new Set(['held_seats', 'awaiting_payment', 'paid', 'issued']);
const SOLD: ReadonlySet<BookingStatus> = new Set(['paid', 'issued']);
const NO_KEY: Key = { hi: 0, lo: 0 };
const TICKET_SHIFT = 16;
const CATEGORY_MASK = 0xffff;

/** -1 when no booking has the key, or none is remembered any more. */
export function findBooking(book: OrderBook, key: Key): number {
  return findSlot(book.bookingByKey, key.hi, key.lo);
}

export function factsOf(book: OrderBook, booking: number): Facts {
  return unpackFacts(book.bookings.facts[booking] ?? 0);
}

export function changeFacts(book: OrderBook, booking: number, change: Partial<Facts>): void {
  put(book.journal, book.bookings.facts, booking, packFacts({ ...factsOf(book, booking), ...change }));
}

export function isLive(status: BookingStatus): boolean {
  return LIVE.has(status);
}

export function isSold(status: BookingStatus): boolean {
  return SOLD.has(status);
}

export function claimsOf(book: OrderBook, booking: number): number[] {
  const claims: number[] = [];
  for (
    let next = book.bookings.firstClaim[booking] ?? 0;
    next !== 0;
    next = book.claims.slots.next[next - 1] ?? 0
  ) {
    claims.push(next - 1);
  }
  return claims;
}

export function placeOf(book: OrderBook, claim: number): Place {
  const seat = book.claims.seat[claim] ?? -1;
  return [(book.claims.ticket[claim] ?? 0) & CATEGORY_MASK, seat === -1 ? null : seat];
}

/** The ticket's place in its order. */
export function ticketIndexOf(book: OrderBook, claim: number): number {
  return (book.claims.ticket[claim] ?? 0) >>> TICKET_SHIFT;
}

export function openBooking(book: OrderBook, opened: NewBooking): number {
  const { bookings, journal } = book;
  const booking = takeSlot(journal, bookings.slots);
  const request = opened.request ?? NO_KEY;
  put(journal, bookings.keyHi, booking, opened.key.hi);
  put(journal, bookings.keyLo, booking, opened.key.lo);
  put(journal, bookings.buyerHi, booking, opened.buyer.hi);
  put(journal, bookings.buyerLo, booking, opened.buyer.lo);
  put(journal, bookings.requestHi, booking, request.hi);
  put(journal, bookings.requestLo, booking, request.lo);
  put(journal, bookings.content, booking, opened.content | 0);
  put(journal, bookings.paymentHi, booking, 0);
  put(journal, bookings.paymentLo, booking, 0);
  put(journal, bookings.deadlineMs, booking, opened.deadlineMs);
  const facts = { ...opened, refusal: undefined, ticketCount: opened.tickets.length };
  put(journal, bookings.facts, booking, packFacts(facts));
  chainClaims(book, booking, opened.tickets);
  insertSlot(journal, book.bookingByKey, booking);
  if (opened.request !== undefined) insertSlot(journal, book.bookingByRequest, booking);
  takePlaces(book, booking, claimsOf(book, booking));
  return booking;
}

function chainClaims(book: OrderBook, booking: number, tickets: readonly NewClaim[]): void {
  const { claims, journal } = book;
  let after = 0;
  for (let index = tickets.length - 1; index >= 0; index -= 1) {
    const ticket = tickets[index];
    if (ticket === undefined) continue;
    const claim = takeSlot(journal, claims.slots);
    const [category, seat] = ticket.place;
    const document = ticket.idDocument === undefined ? NO_KEY : keyOfDigest(ticket.idDocument);
    put(journal, claims.seat, claim, seat ?? -1);
    put(journal, claims.ticket, claim, category | (index << TICKET_SHIFT));
    put(journal, claims.documentHi, claim, document.hi);
    put(journal, claims.documentLo, claim, document.lo);
    put(journal, claims.priceMinor, claim, ticket.priceMinor);
    put(journal, claims.slots.next, claim, after);
    after = claim + 1;
  }
  put(journal, book.bookings.firstClaim, booking, after);
}

/** The booking's claims become live: their seats, their documents and the buyer's count are taken. */
export function takePlaces(book: OrderBook, booking: number, claims: readonly number[]): void {
  const seats: number[] = [];
  const takesDocuments = hasDocuments(book, booking);
  for (const claim of claims) {
    const [category, seat] = placeOf(book, claim);
    add(book.journal, book.held, category, 1);
    if ((book.held[category] ?? 0) + (book.sold[category] ?? 0) > (book.capacity[category] ?? 0)) {
      throw new Error(`Category ${category} has more takers than places.`);
    }
    if (seat !== null) {
      occupySeat(book.seating, seat, booking + 1);
      seats.push(seat);
    }
    if (takesDocuments) insertSlot(book.journal, book.claimByDocument, claim);
  }
  refreshBlocksOf(book.seating, seats);
  countBuyer(book, booking, claims.length);
}

/** The places of these claims are free for others; what they were is still known. */
export function givePlacesBack(book: OrderBook, booking: number, claims: readonly number[]): void {
  const givesDocuments = hasDocuments(book, booking);
  const stock = isSold(factsOf(book, booking).status) ? book.sold : book.held;
  const seats: number[] = [];
  for (const claim of claims) {
    const [category, seat] = placeOf(book, claim);
    add(book.journal, stock, category, -1);
    if (seat !== null) {
      vacateSeat(book.seating, seat);
      seats.push(seat);
    }
    if (givesDocuments) removeSlot(book.journal, book.claimByDocument, claim);
  }
  refreshBlocksOf(book.seating, seats);
  countBuyer(book, booking, -claims.length);
}

export function sellPlaces(book: OrderBook, booking: number): void {
  for (const claim of claimsOf(book, booking)) {
    const [category] = placeOf(book, claim);
    add(book.journal, book.held, category, -1);
    add(book.journal, book.sold, category, 1);
  }
}

export function moveClaims(book: OrderBook, booking: number, places: readonly Place[]): void {
  for (const [index, claim] of claimsOf(book, booking).entries()) {
    put(book.journal, book.claims.seat, claim, places[index]?.[1] ?? -1);
  }
}

/** Takes some claims out of their booking for good. Their places must have been given back. */
export function dropClaims(book: OrderBook, booking: number, dropped: ReadonlySet<number>): void {
  const { claims, journal } = book;
  let after = 0;
  for (const claim of claimsOf(book, booking).reverse()) {
    if (dropped.has(claim)) {
      giveSlotBack(journal, claims.slots, claim);
      continue;
    }
    put(journal, claims.slots.next, claim, after);
    after = claim + 1;
  }
  put(journal, book.bookings.firstClaim, booking, after);
}

function hasDocuments(book: OrderBook, booking: number): boolean {
  return book.terms.oneTicketPerIdDocument && factsOf(book, booking).status !== 'held_seats';
}

/** Live tickets and held places of the buyer. */
export function ticketsOfBuyer(book: OrderBook, buyer: Key): number {
  const slot = findSlot(book.buyerByKey, buyer.hi, buyer.lo);
  return slot === -1 ? 0 : (book.buyers.tickets[slot] ?? 0);
}

export function buyerOf(book: OrderBook, booking: number): Key {
  return { hi: book.bookings.buyerHi[booking] ?? 0, lo: book.bookings.buyerLo[booking] ?? 0 };
}

function countBuyer(book: OrderBook, booking: number, change: number): void {
  const { buyers, journal } = book;
  const { hi, lo } = buyerOf(book, booking);
  let buyer = findSlot(book.buyerByKey, hi, lo);
  if (buyer === -1) {
    buyer = takeSlot(journal, buyers.slots);
    put(journal, buyers.hi, buyer, hi);
    put(journal, buyers.lo, buyer, lo);
    put(journal, buyers.tickets, buyer, 0);
    insertSlot(journal, book.buyerByKey, buyer);
  }
  add(journal, buyers.tickets, buyer, change);
  if (buyers.tickets[buyer] !== 0) return;
  removeSlot(journal, book.buyerByKey, buyer);
  giveSlotBack(journal, buyers.slots, buyer);
}
