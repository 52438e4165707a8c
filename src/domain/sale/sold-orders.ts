/** Which orders have tickets that are paid for: those that a cancelled program owes money to. */
import type { OrderNumber } from '../shared/ids.ts';
import { factsOf, isSold } from './bookings.ts';
import { decimalOf } from './keys.ts';
import { everUsed } from './slots.ts';
import type { SaleState } from './state.ts';

/**
 * At most so many of them; they stay here until they are refunded as a whole. None before the sale has
 * started.
 */
export function soldOrders({ book }: SaleState, limit: number): OrderNumber[] {
  const orders: OrderNumber[] = [];
  if (book === undefined) return orders;
  const { slots, keyHi, keyLo } = book.bookings;
  const used = everUsed(slots);
  for (let booking = 0; booking < used && orders.length < limit; booking += 1) {
    if (!isSold(factsOf(book, booking).status)) continue;
    orders.push(decimalOf(keyHi[booking] ?? 0, keyLo[booking] ?? 0) as OrderNumber);
  }
  return orders;
}
