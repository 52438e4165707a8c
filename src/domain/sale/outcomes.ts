/** Small pieces that several decisions of the sale share. */
import type { Decision } from '../shared/decider.ts';
import type { AmountMinor } from '../shared/money.ts';
import { CLOSES_AT, OPENS_AT, type OrderBook } from './book.ts';
import { claimsOf, placeOf } from './bookings.ts';
import type { Refused, SaleOutcome } from './commands.ts';
import type { Place, SaleEvent } from './events.ts';
import type { SaleRefusalCode } from './refusals.ts';

export type SaleDecision = Decision<SaleEvent, SaleOutcome>;

export function refused(code: SaleRefusalCode): Refused {
  return { kind: 'refused', code };
}

export function refuse(code: SaleRefusalCode): SaleDecision {
  return { outcome: refused(code), events: [] };
}

/** Why nothing is sold at this moment. */
export function closedFor(book: OrderBook, nowMs: number): SaleRefusalCode | undefined {
  if (isClosed(book) || nowMs >= (book.window[CLOSES_AT] ?? 0)) return 'sale_closed';
  return nowMs < (book.window[OPENS_AT] ?? 0) ? 'sale_not_open' : undefined;
}

export function isClosed(book: OrderBook): boolean {
  return book.closed[0] === 1;
}

export function placesOf(book: OrderBook, booking: number): Place[] {
  return claimsOf(book, booking).map((claim) => placeOf(book, claim));
}

export function amountOf(book: OrderBook, claims: readonly number[]): AmountMinor {
  return claims.reduce((sum, claim) => sum + (book.claims.priceMinor[claim] ?? 0), 0) as AmountMinor;
}
