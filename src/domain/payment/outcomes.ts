/** Small pieces that several decisions of a payment share. */
import type { Decision } from '../shared/decider.ts';
import type { PaymentOutcome } from './commands.ts';
import type { PaymentEvent } from './events.ts';
import type { PaymentRefusalCode } from './refusals.ts';
import type { RequestedPayment } from './state.ts';

export type PaymentDecision = Decision<PaymentEvent, PaymentOutcome>;

export function refuse(code: PaymentRefusalCode): PaymentDecision {
  return { outcome: { kind: 'refused', code }, events: [] };
}

/** The outcome alone: nothing happens, or it has happened before. */
export function nothing(outcome: PaymentOutcome): PaymentDecision {
  return { outcome, events: [] };
}

export function subjectOf({ request }: RequestedPayment) {
  const { paymentNumber, orderNumber, programId } = request;
  return { paymentNumber, orderNumber, programId };
}
