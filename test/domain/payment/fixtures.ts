/** A payment that is asked for, captured and refunded, told in events. */
import {
  type PaymentEvent,
  type PaymentEventOf,
  providerReferenceSchema,
} from '../../../src/domain/payment/index.ts';
import {
  orderNumberSchema,
  paymentNumberSchema,
  programIdSchema,
  refundIdSchema,
  userIdSchema,
} from '../../../src/domain/shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../../../src/domain/shared/money.ts';

export const nowMs = Date.UTC(2026, 1, 1, 12);
export const paymentNumber = paymentNumberSchema.parse('300500700900');
export const orderNumber = orderNumberSchema.parse('300500700156');
export const programId = programIdSchema.parse('p-1');
export const cny = currencySchema.parse('CNY');
export const usd = currencySchema.parse('USD');
export const fen = (amount: number) => amountMinorSchema.parse(amount);
export const charge = (name: string) => providerReferenceSchema.parse(name);
export const refundId = (name: string) => refundIdSchema.parse(name);

export const subject = { paymentNumber, orderNumber, programId };

export const request = {
  ...subject,
  buyer: userIdSchema.parse('buyer-1'),
  amountMinor: fen(1_000),
  currency: cny,
  provider: 'simulated',
};

export const requested: PaymentEvent = {
  type: 'PaymentRequested',
  data: { ...request, requestedAtMs: nowMs },
};

const captureData: PaymentEventOf<'PaymentCaptured'> = {
  ...subject,
  providerReference: charge('ch_1'),
  amountMinor: fen(1_000),
  currency: cny,
  capturedAtMs: nowMs,
};
export const captured: PaymentEvent = { type: 'PaymentCaptured', data: captureData };
export const strayCaptured: PaymentEvent = {
  type: 'StrayPaymentCaptured',
  data: { ...captureData, providerReference: charge('ch_2'), cause: 'already_captured' },
};
export const failed: PaymentEvent = {
  type: 'PaymentFailed',
  data: { ...subject, code: 'declined', failedAtMs: nowMs },
};

export const refundRequested = (name: string, amount: number): PaymentEvent => ({
  type: 'RefundRequested',
  data: {
    ...subject,
    refundId: refundId(name),
    providerReference: charge('ch_1'),
    amountMinor: fen(amount),
    currency: cny,
    reason: 'tickets_returned',
    requestedAtMs: nowMs,
  },
});
export const refundCompleted = (name: string, amount: number): PaymentEvent => ({
  type: 'RefundCompleted',
  data: {
    ...subject,
    refundId: refundId(name),
    providerReference: charge('ch_1'),
    amountMinor: fen(amount),
    currency: cny,
    completedAtMs: nowMs,
  },
});
export const refundFailed = (name: string, attempt: number): PaymentEvent => ({
  type: 'RefundFailed',
  data: { ...subject, refundId: refundId(name), attempt, code: 'bank_away', failedAtMs: nowMs },
});
export const refundRetried = (name: string, attempt: number): PaymentEvent => ({
  type: 'RefundRetried',
  data: { ...subject, refundId: refundId(name), attempt, retriedAtMs: nowMs },
});
