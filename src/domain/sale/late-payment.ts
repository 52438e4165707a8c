/**
 * A payment that was captured after its order had ended: the order gets its own seats back if they are free, else
 * equal ones, else nothing. Limits and documents hold as for any order.
 */
import type { OrderBook } from './book.ts';
import { buyerOf, claimsOf, factsOf, placeOf, ticketsOfBuyer } from './bookings.ts';
import type { Place, Togetherness } from './events.ts';
import { isClosed } from './outcomes.ts';
import { generalPlaces, poolOfSeat } from './places.ts';
import type { SaleRefusalCode } from './refusals.ts';
import { type SeatPolicy, togethernessOf } from './seat-choice.ts';
import { isFree } from './seating.ts';
import { findSlot } from './slot-table.ts';

export type SeatsAgain =
  | {
      readonly kind: 'found';
      /** In the order of the order's tickets. */
      readonly places: Place[];
      readonly together: Togetherness;
      readonly sameSeats: boolean;
    }
  | { readonly kind: 'none'; readonly code: SaleRefusalCode };

/** From the closest together on. */
const CLOSENESS: readonly Togetherness[] = ['row', 'two_rows', 'apart'];

export function findSeatsAgain(book: OrderBook, order: number, choose: SeatPolicy): SeatsAgain {
  const claims = claimsOf(book, order);
  if (isClosed(book)) return none('sale_closed');
  const tickets = ticketsOfBuyer(book, buyerOf(book, order)) + claims.length;
  if (tickets > book.terms.limits.perBuyer) return none('limit_per_buyer');
  if (book.terms.oneTicketPerIdDocument && claims.some((claim) => documentIsUsed(book, claim))) {
    return none('id_document_already_used');
  }
  const places = claims.map((claim) => placeOf(book, claim));
  if (!generalPlacesAreFree(book, places)) return none('sold_out');
  const { together } = factsOf(book, order);
  const seats = places.flatMap(([, seat]) => (seat === null ? [] : [seat]));
  if (seats.every((seat) => isFree(book.seating, seat))) {
    return { kind: 'found', places, together, sameSeats: true };
  }
  return equalSeats(book, places, together, choose);
}

function documentIsUsed(book: OrderBook, claim: number): boolean {
  const { documentHi, documentLo } = book.claims;
  return findSlot(book.claimByDocument, documentHi[claim] ?? 0, documentLo[claim] ?? 0) !== -1;
}

function generalPlacesAreFree(book: OrderBook, places: readonly Place[]): boolean {
  const counts = new Map<number, number>();
  for (const [category, seat] of places) {
    if (seat === null) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return [...counts].every(([category, count]) => generalPlaces(book, category, count).kind === 'found');
}

/** As many seats of the same kind in each category, no further apart than those that were lost. */
function equalSeats(
  book: OrderBook,
  places: readonly Place[],
  wasTogether: Togetherness,
  choose: SeatPolicy,
): SeatsAgain {
  const chosenOfPool = new Map<number, number[]>();
  for (const [pool, lost] of seatsByPool(book, places)) {
    if (lost.every((seat) => isFree(book.seating, seat))) {
      chosenOfPool.set(pool, [...lost]);
      continue;
    }
    const choice = choose(book.seating, pool, lost.length, true);
    if (choice.kind !== 'chosen') return none('sold_out');
    const allowed = CLOSENESS.indexOf(togethernessOf(book.seating, lost));
    if (CLOSENESS.indexOf(choice.together) > allowed) return none('not_together');
    chosenOfPool.set(pool, [...choice.seats]);
  }
  const reseated = places.map(([category, seat]): Place => {
    if (seat === null) return [category, null];
    const next = chosenOfPool.get(poolOfSeat(book, seat))?.shift();
    if (next === undefined) throw new Error(`Seat ${seat} was not replaced.`);
    return [category, next];
  });
  const seats = reseated.flatMap(([, seat]) => (seat === null ? [] : [seat]));
  const together = wasTogether === 'unseated' ? wasTogether : togethernessOf(book.seating, seats);
  return { kind: 'found', places: reseated, together, sameSeats: false };
}

function seatsByPool(book: OrderBook, places: readonly Place[]): Map<number, number[]> {
  const seatsOfPool = new Map<number, number[]>();
  for (const [, seat] of places) {
    if (seat === null) continue;
    const pool = poolOfSeat(book, seat);
    seatsOfPool.set(pool, [...(seatsOfPool.get(pool) ?? []), seat]);
  }
  return seatsOfPool;
}

function none(code: SaleRefusalCode): SeatsAgain {
  return { kind: 'none', code };
}
