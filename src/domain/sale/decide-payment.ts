/** What becomes of an order once it is placed: cancelled, expired, paid, issued, refunded. */
import type { OrderNumber } from '../shared/ids.ts';
import type { BookingStatus, OrderBook } from './book.ts';
import { buyerOf, claimsOf, factsOf, findBooking, isSold, placeOf, ticketIndexOf } from './bookings.ts';
import type { CancelOrder, ConfirmPayment, ExpireOrder, IssueTickets, RefundOrder } from './commands.ts';
import type { SaleEvent } from './events.ts';
import { decimalOf, keyOfBuyer, keyOfNumber, sameKey } from './keys.ts';
import { findSeatsAgain } from './late-payment.ts';
import { amountOf, placesOf, refuse, type SaleDecision } from './outcomes.ts';
import type { SaleRefusalCode } from './refusals.ts';
import type { SeatPolicy } from './seat-choice.ts';

export function cancelOrder({ orderNumber, buyer }: CancelOrder, book: OrderBook): SaleDecision {
  const order = findOrder(book, orderNumber);
  if (order === -1) return refuse('order_not_found');
  if (!sameKey(buyerOf(book, order), keyOfBuyer(buyer))) return refuse('not_your_order');
  const { status } = factsOf(book, order);
  const outcome = { kind: 'order_cancelled', orderNumber } as const;
  if (status === 'cancelled') return { outcome, events: [] };
  if (status !== 'awaiting_payment') return refuse(whyNot(status));
  return {
    outcome,
    events: [{ type: 'OrderCancelled', data: { orderNumber, places: placesOf(book, order) } }],
  };
}

export function expireOrder({ orderNumber, nowMs }: ExpireOrder, book: OrderBook): SaleDecision {
  const order = findOrder(book, orderNumber);
  if (order === -1) return refuse('order_not_found');
  const { status } = factsOf(book, order);
  const outcome = { kind: 'order_expired', orderNumber } as const;
  if (status === 'expired') return { outcome, events: [] };
  if (status !== 'awaiting_payment') return refuse(whyNot(status));
  if (nowMs < (book.bookings.deadlineMs[order] ?? 0)) return refuse('order_not_due');
  return {
    outcome,
    events: [{ type: 'OrderExpired', data: { orderNumber, places: placesOf(book, order) } }],
  };
}

/**
 * Money that was captured either buys the order or is due back; it is never just refused. Where the order cannot
 * be known to have ended by this payment, `refund_due` comes without an event: the payment's own stream has it.
 */
export function confirmPayment(command: ConfirmPayment, book: OrderBook, choose: SeatPolicy): SaleDecision {
  const { orderNumber, paymentNumber, amountMinor } = command;
  const order = findOrder(book, orderNumber);
  if (order === -1) return refundDue(command, 'order_not_found');
  const { status, refusal } = factsOf(book, order);
  if (status === 'payment_refused') return refundDue(command, refusal ?? 'order_expired');
  if (isSold(status) || status === 'refunded') {
    const paidByThis = paymentOf(book, order) === paymentNumber;
    if (!paidByThis) return refundDue(command, 'order_already_paid');
    return { outcome: { kind: 'order_paid', orderNumber, paymentNumber }, events: [] };
  }
  if (amountMinor !== amountOf(book, claimsOf(book, order))) return refundDue(command, 'amount_mismatch');
  return status === 'awaiting_payment' ? pay(command, book, order) : payLate(command, book, order, choose);
}

function pay({ orderNumber, paymentNumber, amountMinor }: ConfirmPayment, book: OrderBook, order: number) {
  const outcome = { kind: 'order_paid', orderNumber, paymentNumber } as const;
  const data = { orderNumber, paymentNumber, amountMinor, places: placesOf(book, order) };
  return { outcome, events: [{ type: 'OrderPaid', data }] } satisfies SaleDecision;
}

function payLate(command: ConfirmPayment, book: OrderBook, order: number, choose: SeatPolicy): SaleDecision {
  const { orderNumber, paymentNumber, amountMinor } = command;
  const again = findSeatsAgain(book, order, choose);
  if (again.kind === 'none') {
    const data = { orderNumber, paymentNumber, amountMinor, code: again.code };
    return refundDue(command, again.code, [{ type: 'LatePaymentRefused', data }]);
  }
  const { places, together, sameSeats } = again;
  return {
    outcome: { kind: 'order_paid', orderNumber, paymentNumber },
    events: [
      { type: 'OrderReseated', data: { orderNumber, places, together, sameSeats } },
      { type: 'OrderPaid', data: { orderNumber, paymentNumber, amountMinor, places } },
    ],
  };
}

function refundDue(
  command: ConfirmPayment,
  code: SaleRefusalCode,
  events: readonly SaleEvent[] = [],
): SaleDecision {
  const { orderNumber, paymentNumber, amountMinor } = command;
  return { outcome: { kind: 'refund_due', orderNumber, paymentNumber, amountMinor, code }, events };
}

export function issueTickets({ orderNumber }: IssueTickets, book: OrderBook): SaleDecision {
  const order = findOrder(book, orderNumber);
  if (order === -1) return refuse('order_not_found');
  const { status } = factsOf(book, order);
  const outcome = { kind: 'tickets_issued', orderNumber } as const;
  if (status === 'issued') return { outcome, events: [] };
  if (status !== 'paid') return refuse(status === 'refunded' ? 'order_refunded' : 'order_not_paid');
  return { outcome, events: [{ type: 'TicketsIssued', data: { orderNumber } }] };
}

export function refundOrder({ orderNumber, tickets }: RefundOrder, book: OrderBook): SaleDecision {
  const order = findOrder(book, orderNumber);
  if (order === -1) return refuse('order_not_found');
  const { status, ticketCount } = factsOf(book, order);
  const outcome = { kind: 'order_refunded', orderNumber } as const;
  if (status !== 'refunded' && !isSold(status)) return refuse('order_not_paid');
  const known = (index: number) => Number.isInteger(index) && index >= 0 && index < ticketCount;
  if (tickets !== undefined && !tickets.every(known)) return refuse('unknown_ticket');
  if (status === 'refunded') return { outcome, events: [] };
  const claims = claimsOf(book, order).filter(
    (claim) => tickets === undefined || tickets.includes(ticketIndexOf(book, claim)),
  );
  if (claims.length === 0) return { outcome, events: [] };
  const data = {
    orderNumber,
    paymentNumber: paymentOf(book, order),
    tickets: claims.map((claim) => ticketIndexOf(book, claim)),
    places: claims.map((claim) => placeOf(book, claim)),
    amountMinor: amountOf(book, claims),
  };
  return { outcome, events: [{ type: 'OrderRefunded', data }] };
}

/** -1 for an order that never was, or ended so long ago that it is forgotten. */
function findOrder(book: OrderBook, orderNumber: OrderNumber): number {
  return findBooking(book, keyOfNumber(orderNumber));
}

function paymentOf(book: OrderBook, order: number): ConfirmPayment['paymentNumber'] {
  const { paymentHi, paymentLo } = book.bookings;
  return decimalOf(paymentHi[order] ?? 0, paymentLo[order] ?? 0) as ConfirmPayment['paymentNumber'];
}

/** Why an order that does not await its payment can be neither cancelled nor expired. */
function whyNot(status: BookingStatus): SaleRefusalCode {
  if (isSold(status)) return 'order_already_paid';
  if (status === 'refunded') return 'order_refunded';
  return status === 'cancelled' ? 'order_cancelled' : 'order_expired';
}
