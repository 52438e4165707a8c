/** What money could come to in the first release: paid in time, late, in part, twice, and back again. */
import { providerReferenceSchema } from '../../../src/domain/payment/index.ts';
import type { PlaceOrder } from '../../../src/domain/sale/index.ts';
import { refundIdSchema } from '../../../src/domain/shared/ids.ts';
import { type AmountMinor, amountMinorSchema, currencySchema } from '../../../src/domain/shared/money.ts';
import {
  ANN,
  BEN,
  CAI,
  MINUTE_MS,
  orderOf,
  SEAT_MINOR,
  STALLS,
  SWAN_LAKE,
  type Telling,
} from './swan-lake.ts';

const CNY = currencySchema.parse('CNY');

type Placed = { readonly order: PlaceOrder; readonly amountMinor: AmountMinor };

function place(
  telling: Telling,
  buyer: PlaceOrder['buyer'],
  want: Exclude<PlaceOrder['want'], { by: 'hold' }>,
  persons: readonly number[],
): Placed {
  const order = orderOf(telling, buyer, want, persons);
  telling.voices.sale(SWAN_LAKE, order, buyer);
  return { order, amountMinor: amountMinorSchema.parse(SEAT_MINOR * persons.length) };
}

function request({ voices, nowMs, paymentNumber }: Telling, { order, amountMinor }: Placed) {
  const { orderNumber, buyer } = order;
  const number = paymentNumber(buyer);
  const subject = { paymentNumber: number, orderNumber, programId: SWAN_LAKE, buyer };
  const asked = { amountMinor, currency: CNY, provider: 'simulated', nowMs: nowMs() };
  voices.payment({ type: 'RequestPayment', ...subject, ...asked });
  return number;
}

type PaymentNumber = ReturnType<typeof request>;

function capture(
  { voices, nowMs }: Telling,
  paymentNumber: PaymentNumber,
  amountMinor: number,
  { charge = `ch_${paymentNumber}`, currency = CNY } = {},
): void {
  const providerReference = providerReferenceSchema.parse(charge);
  const money = { amountMinor: amountMinorSchema.parse(amountMinor), currency };
  voices.payment({ type: 'RecordCapture', paymentNumber, nowMs: nowMs(), providerReference, ...money });
}

function confirm({ voices }: Telling, { order, amountMinor }: Placed, paymentNumber: PaymentNumber): void {
  const { orderNumber } = order;
  voices.sale(SWAN_LAKE, { type: 'ConfirmPayment', orderNumber, paymentNumber, amountMinor }, 'payment');
}

function pay(telling: Telling, placed: Placed): PaymentNumber {
  const paymentNumber = request(telling, placed);
  capture(telling, paymentNumber, placed.amountMinor);
  confirm(telling, placed, paymentNumber);
  return paymentNumber;
}

function expire({ voices, nowMs, wait }: Telling, { order }: Placed): void {
  wait(11 * MINUTE_MS);
  voices.sale(SWAN_LAKE, { type: 'ExpireOrder', nowMs: nowMs(), orderNumber: order.orderNumber }, 'expiry');
}

export function tellMoney(telling: Telling): void {
  tellReturns(telling);
  tellStrays(telling);
  tellLatePayments(telling);
}

/** One ticket of two goes back, then the other; the first refund fails before it succeeds. */
function tellReturns(telling: Telling): void {
  const { voices, nowMs } = telling;
  const placed = place(telling, ANN, { by: 'category', category: STALLS, count: 2 }, [31, 32]);
  const paymentNumber = pay(telling, placed);
  const { orderNumber } = placed.order;
  voices.sale(SWAN_LAKE, { type: 'IssueTickets', orderNumber }, 'issuing');
  const common = { paymentNumber, refundId: refundIdSchema.parse('refund-first') };
  const amountMinor = amountMinorSchema.parse(SEAT_MINOR);
  voices.sale(SWAN_LAKE, { type: 'RefundOrder', orderNumber, tickets: [1] }, ANN);
  const reason = 'tickets_returned' as const;
  voices.payment({ type: 'RequestRefund', ...common, nowMs: nowMs(), amountMinor, reason });
  voices.payment({ type: 'RecordRefundFailed', ...common, nowMs: nowMs(), attempt: 1, code: 'bank_away' });
  voices.payment({ type: 'RetryRefund', ...common, nowMs: nowMs(), attempt: 2 });
  voices.payment({ type: 'RecordRefundCompleted', ...common, nowMs: nowMs(), amountMinor, currency: CNY });
  voices.sale(SWAN_LAKE, { type: 'RefundOrder', orderNumber }, ANN);
}

/** A failure before the charge, then charges that pay nothing, each for a reason of its own. */
function tellStrays(telling: Telling): void {
  const { voices, nowMs } = telling;
  const placed = place(telling, BEN, { by: 'seats', seats: [9, 10, 11] }, [33, 34, 35]);
  const paymentNumber = request(telling, placed);
  voices.payment({ type: 'RecordFailure', paymentNumber, nowMs: nowMs(), code: 'declined' });
  capture(telling, paymentNumber, 1, { charge: 'ch_wrong_amount' });
  capture(telling, paymentNumber, placed.amountMinor, {
    charge: 'ch_wrong_currency',
    currency: currencySchema.parse('USD'),
  });
  capture(telling, paymentNumber, placed.amountMinor);
  capture(telling, paymentNumber, placed.amountMinor, { charge: 'ch_twice' });
  confirm(telling, placed, paymentNumber);
  voices.sale(SWAN_LAKE, { type: 'IssueTickets', orderNumber: placed.order.orderNumber }, 'issuing');
  voices.payment({
    type: 'RequestRefund',
    paymentNumber,
    nowMs: nowMs(),
    refundId: refundIdSchema.parse('refund-stray'),
    amountMinor: placed.amountMinor,
    reason: 'stray_capture',
    providerReference: providerReferenceSchema.parse('ch_twice'),
  });
}

/** The same seats again, other seats, and none: somebody else has the only ones that would do. */
function tellLatePayments(telling: Telling): void {
  const same = place(telling, CAI, { by: 'seats', seats: [0, 1] }, [41, 42]);
  expire(telling, same);
  pay(telling, same);
  const moved = place(telling, ANN, { by: 'seats', seats: [4] }, [43]);
  expire(telling, moved);
  const inBetween = place(telling, BEN, { by: 'seats', seats: [4] }, [44]);
  pay(telling, moved);
  pay(telling, inBetween);
  const wish = { by: 'category', category: STALLS, count: 2, accessible: true } as const;
  const refused = place(telling, CAI, wish, [45, 46]);
  expire(telling, refused);
  place(telling, ANN, { by: 'seats', seats: [14] }, [47]);
  const paymentNumber = request(telling, refused);
  capture(telling, paymentNumber, refused.amountMinor);
  confirm(telling, refused, paymentNumber);
  telling.voices.payment({
    type: 'RequestRefund',
    paymentNumber,
    nowMs: telling.nowMs(),
    refundId: refundIdSchema.parse('refund-late'),
    amountMinor: refused.amountMinor,
    reason: 'order_ended',
  });
}
