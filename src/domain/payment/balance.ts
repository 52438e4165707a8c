/**
 * The money of a payment, charge by charge: captured = refunded + refunding + kept, always. What is kept of
 * the paying charge is issued or awaits issuing, which only the sale can tell; what is kept of a stray is
 * still owed.
 */
import type { Capture, PaymentState, RequestedPayment } from './state.ts';

export type Balance = {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Set aside for refunds that are under way or have failed. */
  readonly refundingMinor: number;
  readonly keptMinor: number;
};

export function balanceOf(state: RequestedPayment, capture: Capture): Balance {
  const refunds = state.refunds.filter((refund) => refund.providerReference === capture.providerReference);
  const sum = (completed: boolean) =>
    refunds
      .filter((refund) => (refund.status === 'completed') === completed)
      .reduce((total, refund) => total + refund.amountMinor, 0);
  const refundedMinor = sum(true);
  const refundingMinor = sum(false);
  const keptMinor = capture.amountMinor - refundedMinor - refundingMinor;
  return { capturedMinor: capture.amountMinor, refundedMinor, refundingMinor, keptMinor };
}

/** The charge that paid the order. */
export function payingCapture(state: RequestedPayment): Capture | undefined {
  return state.captures.find((capture) => capture.stray === null);
}

export type PaymentStatus =
  | 'unrequested'
  | 'requested'
  | 'failed'
  | 'captured'
  | 'partly_refunded'
  | 'refunded';

/** Of the paying charge; strays do not show in it. */
export function paymentStatusOf(state: PaymentState): PaymentStatus {
  if (state.kind === 'unrequested') return 'unrequested';
  const capture = payingCapture(state);
  if (capture === undefined) return state.failed ? 'failed' : 'requested';
  const { capturedMinor, refundedMinor } = balanceOf(state, capture);
  if (refundedMinor === 0) return 'captured';
  return refundedMinor === capturedMinor ? 'refunded' : 'partly_refunded';
}
