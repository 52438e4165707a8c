/**
 * What a sale says about one order to those who act on it. A question: it decides nothing and changes
 * nothing.
 */
import type { OrderNumber, PaymentNumber, UserId } from '../shared/ids.ts';
import type { AmountMinor, Currency } from '../shared/money.ts';
import type { BookingStatus } from './book.ts';
import { buyerOf, claimsOf, factsOf, findBooking, isSold, ticketIndexOf } from './bookings.ts';
import { decimalOf, keyOfBuyer, keyOfNumber, sameKey } from './keys.ts';
import { amountOf, isClosed } from './outcomes.ts';
import type { SaleRefusalCode } from './refusals.ts';
import type { SaleState } from './state.ts';

export type OrderInSale =
  | {
      readonly kind: 'found';
      readonly status: BookingStatus;
      /** Of the tickets that are left; an order that has ended keeps those it had last. */
      readonly amountMinor: AmountMinor;
      readonly currency: Currency;
      /** Until when it is to be paid; says nothing once it is paid. */
      readonly deadlineMs: number;
      /** The same tickets, by their place in OrderPlaced. */
      readonly tickets: readonly number[];
      /** The payment that bought it, or came too late; null while there is none. */
      readonly paymentNumber: PaymentNumber | null;
      /** Nothing is sold any more: the sale was closed, or its program cancelled. */
      readonly hasSaleEnded: boolean;
    }
  | {
      readonly kind: 'refused';
      readonly code: Extract<SaleRefusalCode, 'sale_not_open' | 'order_not_found' | 'not_your_order'>;
    };

/** `buyer` left out: whoever's it is, for operators. An order that ended long ago is not found any more. */
export function orderInSale({ book }: SaleState, orderNumber: OrderNumber, buyer?: UserId): OrderInSale {
  if (book === undefined) return { kind: 'refused', code: 'sale_not_open' };
  const order = findBooking(book, keyOfNumber(orderNumber));
  if (order === -1) return { kind: 'refused', code: 'order_not_found' };
  if (buyer !== undefined && !sameKey(buyerOf(book, order), keyOfBuyer(buyer))) {
    return { kind: 'refused', code: 'not_your_order' };
  }
  const { status } = factsOf(book, order);
  const claims = claimsOf(book, order);
  const { paymentHi, paymentLo, deadlineMs } = book.bookings;
  const hasPayment = isSold(status) || status === 'refunded' || status === 'payment_refused';
  const payment = hasPayment ? decimalOf(paymentHi[order] ?? 0, paymentLo[order] ?? 0) : null;
  return {
    kind: 'found',
    status,
    amountMinor: amountOf(book, claims),
    currency: book.terms.currency,
    deadlineMs: deadlineMs[order] ?? 0,
    tickets: claims.map((claim) => ticketIndexOf(book, claim)),
    paymentNumber: payment as PaymentNumber | null,
    hasSaleEnded: isClosed(book),
  };
}
