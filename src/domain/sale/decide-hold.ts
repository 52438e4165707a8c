/** Holds: seats that a buyer picks on the seat map and keeps for some minutes before ordering. */
import type { OrderBook } from './book.ts';
import { buyerOf, factsOf, findBooking, ticketsOfBuyer } from './bookings.ts';
import type { ExpireHold, HoldSeats, ReleaseHold } from './commands.ts';
import { fingerprintOf, keyOfBuyer, keyOfHold, sameKey } from './keys.ts';
import { closedFor, placesOf, refuse, type SaleDecision } from './outcomes.ts';
import { countWanted, findPlaces, senselessWish } from './places.ts';
import type { SeatPolicy } from './seat-choice.ts';
import { wishText } from './wish.ts';

export function holdSeats(command: HoldSeats, book: OrderBook, choose: SeatPolicy): SaleDecision {
  const { holdToken, buyer, want, nowMs } = command;
  const content = fingerprintOf(wishText(want));
  const earlier = findBooking(book, keyOfHold(holdToken));
  if (earlier !== -1) return holdAgain(command, book, earlier, content);
  const closed = closedFor(book, nowMs);
  if (closed !== undefined) return refuse(closed);
  const count = countWanted(want);
  const { limits } = book.terms;
  if (!Number.isInteger(count) || count < 1) return refuse('ticket_count_mismatch');
  if (count > limits.perOrder) return refuse('limit_per_order');
  const senseless = senselessWish(book, want);
  if (senseless !== undefined) return { outcome: senseless, events: [] };
  if (ticketsOfBuyer(book, keyOfBuyer(buyer)) + count > limits.perBuyer) return refuse('limit_per_buyer');
  const found = findPlaces(book, want, choose);
  if (found.kind === 'refused') return { outcome: found, events: [] };
  const held = {
    holdToken,
    places: [...found.places],
    together: found.together,
    expiresAtMs: nowMs + book.terms.holdTtlMs,
  };
  return {
    outcome: { kind: 'seats_held', ...held },
    events: [{ type: 'SeatsHeld', data: { ...held, buyer, content } }],
  };
}

function holdAgain(command: HoldSeats, book: OrderBook, hold: number, content: number): SaleDecision {
  const { holdToken, buyer } = command;
  const same =
    sameKey(buyerOf(book, hold), keyOfBuyer(buyer)) && book.bookings.content[hold] === (content | 0);
  if (!same) return refuse('duplicate_hold_token');
  const { status, together } = factsOf(book, hold);
  if (status !== 'held_seats') return refuse(status === 'hold_expired' ? 'hold_expired' : 'hold_ended');
  const expiresAtMs = book.bookings.deadlineMs[hold] ?? 0;
  const places = placesOf(book, hold);
  return { outcome: { kind: 'seats_held', holdToken, places, together, expiresAtMs }, events: [] };
}

export function releaseHold({ holdToken, buyer }: ReleaseHold, book: OrderBook): SaleDecision {
  const hold = findBooking(book, keyOfHold(holdToken));
  if (hold === -1) return refuse('hold_not_found');
  if (!sameKey(buyerOf(book, hold), keyOfBuyer(buyer))) return refuse('hold_not_yours');
  const outcome = { kind: 'hold_released', holdToken } as const;
  switch (factsOf(book, hold).status) {
    case 'held_seats': {
      const data = { holdToken, places: placesOf(book, hold) };
      return { outcome, events: [{ type: 'HoldReleased', data }] };
    }
    case 'hold_released':
      return { outcome, events: [] };
    case 'hold_expired':
      return refuse('hold_expired');
    default:
      return refuse('hold_ended');
  }
}

export function expireHold({ holdToken, nowMs }: ExpireHold, book: OrderBook): SaleDecision {
  const hold = findBooking(book, keyOfHold(holdToken));
  if (hold === -1) return refuse('hold_not_found');
  const outcome = { kind: 'hold_expired', holdToken } as const;
  switch (factsOf(book, hold).status) {
    case 'held_seats': {
      if (nowMs < (book.bookings.deadlineMs[hold] ?? 0)) return refuse('hold_not_due');
      const data = { holdToken, places: placesOf(book, hold) };
      return { outcome, events: [{ type: 'HoldExpired', data }] };
    }
    case 'hold_expired':
      return { outcome, events: [] };
    default:
      return refuse('hold_ended');
  }
}
