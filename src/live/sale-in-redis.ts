/** What Redis should say of a sale, out of its fold: to put it there, and to see whether it is. */
import type { OrderBook } from '../domain/sale/book.ts';
import { factsOf, isSold } from '../domain/sale/bookings.ts';
import type { BookingStatus } from '../domain/sale/index.ts';
import type { Key } from '../domain/sale/keys.ts';
import { everUsed } from '../domain/sale/slots.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import {
  type Counters,
  packSeats,
  type Refill,
  type SeatStatus,
  seatMapBytes,
  seatStatus,
} from '../gate/index.ts';

const NO_ORDER: ReadonlySet<BookingStatus> = new Set([
  'forgotten',
  'held_seats',
  'hold_released',
  'hold_expired',
  'hold_ordered',
]);

const PLACES_PER_BUCKET = 2_000;
const MAX_BUCKETS = 8;

/** `revision` is that of the last event in the book. */
export function refillOf(programId: ProgramId, book: OrderBook, revision: bigint): Required<Refill> {
  return {
    programId,
    revision,
    limitPerBuyer: book.terms.limits.perBuyer,
    categories: book.capacity.map((_, category) => ({
      category,
      places: freePlaces(book, category),
      buckets: bucketsOf(book, category),
    })),
    buyers: buyersOf(book),
    requests: requestsOf(book),
    seats: seatsOf(book),
  };
}

/** Whether counters of the book's own revision say what the book says, as far as a glance tells. */
export function isTrueOf(book: OrderBook, counters: Counters): boolean {
  return (
    counters.buyers === buyersOf(book).length &&
    counters.seatBytes === seatMapBytes(book.seating.plan.seatCount) &&
    counters.categories.length === book.capacity.length &&
    counters.categories.every(({ category, projected }) => projected === freePlaces(book, category))
  );
}

/** Seats are chosen by the sale alone, so only general admission is worth spreading. */
function bucketsOf({ terms, capacity }: OrderBook, category: number): number {
  if (terms.layout[category]?.kind !== 'general') return 1;
  return Math.min(MAX_BUCKETS, Math.ceil((capacity[category] ?? 0) / PLACES_PER_BUCKET));
}

function freePlaces({ capacity, held, sold }: OrderBook, category: number): number {
  return (capacity[category] ?? 0) - (held[category] ?? 0) - (sold[category] ?? 0);
}

function buyersOf({ buyers }: OrderBook): Refill['buyers'] {
  const found: { buyer: Key; places: number }[] = [];
  for (let slot = 0; slot < everUsed(buyers.slots); slot += 1) {
    const places = buyers.tickets[slot] ?? 0;
    if (places > 0) found.push({ buyer: { hi: buyers.hi[slot] ?? 0, lo: buyers.lo[slot] ?? 0 }, places });
  }
  return found;
}

/** Of orders that were placed since then, in ms since 1970. */
export function requestsSince(book: OrderBook, sinceMs: number): Key[] {
  const { paymentTtlMs } = book.terms;
  return requestsOf(book, (booking) => (book.bookings.deadlineMs[booking] ?? 0) - paymentTtlMs >= sinceMs);
}

function requestsOf(book: OrderBook, isWanted: (booking: number) => boolean = () => true): Key[] {
  const { bookings } = book;
  const found: Key[] = [];
  for (let booking = 0; booking < everUsed(bookings.slots); booking += 1) {
    if (NO_ORDER.has(factsOf(book, booking).status) || !isWanted(booking)) continue;
    found.push({ hi: bookings.requestHi[booking] ?? 0, lo: bookings.requestLo[booking] ?? 0 });
  }
  return found;
}

function seatsOf(book: OrderBook): Uint8Array {
  const { plan, holderOfSeat } = book.seating;
  return packSeats(plan.seatCount, (seat): SeatStatus => {
    if ((plan.blockOfSeat[seat] ?? -1) < 0) return seatStatus.blocked;
    const holder = holderOfSeat[seat] ?? 0;
    if (holder === 0) return seatStatus.free;
    return isSold(factsOf(book, holder - 1).status) ? seatStatus.sold : seatStatus.held;
  });
}
