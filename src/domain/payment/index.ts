/** The payment: one attempt to pay an order through a provider, and everything that goes back of it. */
import type { Decider } from '../shared/decider.ts';
import type { PaymentCommand, PaymentOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { PaymentEvent } from './events.ts';
import { evolve, initial, type PaymentState } from './state.ts';

export * from './balance.ts';
export type * from './commands.ts';
export * from './events.ts';
export * from './limits.ts';
export * from './refusals.ts';
export type { Capture, PaymentState, Refund, RequestedPayment } from './state.ts';
export * from './stream.ts';

export const paymentDecider: Decider<PaymentCommand, PaymentEvent, PaymentState, PaymentOutcome> = {
  initial,
  evolve,
  decide,
};
