/**
 * Ended bookings stay for a while, for late payments and repeated requests, oldest first in a chain through their
 * slots; then they are forgotten, so that nothing grows with the number of orders.
 */
import type { BookingStatus, OrderBook, Remembered } from './book.ts';
import {
  changeFacts,
  claimsOf,
  dropClaims,
  factsOf,
  isLive,
  isSold,
  sellPlaces,
  takePlaces,
} from './bookings.ts';
import { add, put } from './cells.ts';
import { insertSlot, removeSlot } from './slot-table.ts';
import { giveSlotBack } from './slots.ts';

const HOLDS: ReadonlySet<BookingStatus> = new Set([
  'held_seats',
  'hold_released',
  'hold_expired',
  'hold_ordered',
]);
const FIRST = 0;
const LAST = 1;
const WEIGHT = 2;

/** Puts an ended booking last in the memory, and forgets the oldest while they are too many. */
export function remember(book: OrderBook, memory: Remembered, booking: number): void {
  const { bookings, journal } = book;
  const last = memory.cells[LAST] ?? 0;
  put(journal, bookings.rememberedBefore, booking, last);
  put(journal, bookings.slots.next, booking, 0);
  if (last === 0) put(journal, memory.cells, FIRST, booking + 1);
  else put(journal, bookings.slots.next, last - 1, booking + 1);
  put(journal, memory.cells, LAST, booking + 1);
  add(journal, memory.cells, WEIGHT, weightOf(book, booking));
  while ((memory.cells[WEIGHT] ?? 0) > memory.mostWeight)
    forget(book, memory, (memory.cells[FIRST] ?? 0) - 1);
}

/** Takes a booking out of the memory because it lives again, or is to be forgotten. */
export function recall(book: OrderBook, memory: Remembered, booking: number): void {
  const { bookings, journal } = book;
  const before = bookings.rememberedBefore[booking] ?? 0;
  const after = bookings.slots.next[booking] ?? 0;
  if (before === 0) put(journal, memory.cells, FIRST, after);
  else put(journal, bookings.slots.next, before - 1, after);
  if (after === 0) put(journal, memory.cells, LAST, before);
  else put(journal, bookings.rememberedBefore, after - 1, before);
  add(journal, memory.cells, WEIGHT, -weightOf(book, booking));
}

/** An ended hold keeps no claims and weighs one. */
function weightOf(book: OrderBook, booking: number): number {
  return Math.max(1, claimsOf(book, booking).length);
}

function forget(book: OrderBook, memory: Remembered, booking: number): void {
  recall(book, memory, booking);
  dropClaims(book, booking, new Set(claimsOf(book, booking)));
  removeSlot(book.journal, book.bookingByKey, booking);
  if (memory === book.endedOrders) removeSlot(book.journal, book.bookingByRequest, booking);
  changeFacts(book, booking, { status: 'forgotten' });
  giveSlotBack(book.journal, book.bookings.slots, booking);
}

/** Computes what follows from a booking of a snapshot: that it can be found, and what it holds. */
export function reinstate(book: OrderBook, booking: number): void {
  const { status } = factsOf(book, booking);
  if (status === 'forgotten') return;
  insertSlot(book.journal, book.bookingByKey, booking);
  if (!HOLDS.has(status)) insertSlot(book.journal, book.bookingByRequest, booking);
  if (!isLive(status)) return;
  takePlaces(book, booking, claimsOf(book, booking));
  if (isSold(status)) sellPlaces(book, booking);
}
