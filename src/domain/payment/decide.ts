/**
 * What may be done to a payment. The money rules: a charge counts once, and never more goes back than was
 * taken.
 */
import { unreachable } from '../shared/event.ts';
import { sameData } from '../shared/same-data.ts';
import { balanceOf, payingCapture } from './balance.ts';
import type {
  PaymentCommand,
  PaymentOutcome,
  RecordCapture,
  RecordFailure,
  RequestPayment,
  RequestRefund,
} from './commands.ts';
import { completeRefund, failRefund, retryRefund } from './decide-refund.ts';
import { failureCodeOf, type PaymentEvent, type PaymentEventOf, type StrayCause } from './events.ts';
import { MAX_CAPTURES_PER_PAYMENT, MAX_REFUNDS_PER_PAYMENT } from './limits.ts';
import { nothing, type PaymentDecision, refuse, subjectOf } from './outcomes.ts';
import type { PaymentState, RequestedPayment } from './state.ts';

export function decide(command: PaymentCommand, state: PaymentState): PaymentDecision {
  if (command.type === 'RequestPayment') return request(command, state);
  if (state.kind === 'unrequested') return refuse('payment_not_found');
  switch (command.type) {
    case 'RecordCapture':
      return capture(command, state);
    case 'RecordFailure':
      return fail(command, state);
    case 'RequestRefund':
      return requestRefund(command, state);
    case 'RetryRefund':
      return retryRefund(command, state);
    case 'RecordRefundCompleted':
      return completeRefund(command, state);
    case 'RecordRefundFailed':
      return failRefund(command, state);
    default:
      return unreachable(command);
  }
}

function request(command: RequestPayment, state: PaymentState): PaymentDecision {
  const { type: _, nowMs, ...asked } = command;
  if (state.kind === 'requested') {
    const { requestedAtMs: __, ...before } = state.request;
    return sameData(asked, before) ? nothing({ kind: 'requested' }) : refuse('payment_number_taken');
  }
  if (command.amountMinor === 0) return refuse('amount_is_zero');
  const data: PaymentEventOf<'PaymentRequested'> = { ...asked, requestedAtMs: nowMs };
  return { outcome: { kind: 'requested' }, events: [{ type: 'PaymentRequested', data }] };
}

/** After a failure too: a late charge is a charge. */
function capture(command: RecordCapture, state: RequestedPayment): PaymentDecision {
  const { providerReference, amountMinor, currency, nowMs } = command;
  const before = state.captures.find((known) => known.providerReference === providerReference);
  if (before !== undefined) {
    const same = before.amountMinor === amountMinor && before.currency === currency;
    return same ? nothing(captureOutcome(before.stray)) : refuse('capture_differs');
  }
  if (amountMinor === 0) return refuse('amount_is_zero');
  if (state.captures.length >= MAX_CAPTURES_PER_PAYMENT) return refuse('too_many_captures');
  const data = { ...subjectOf(state), providerReference, amountMinor, currency, capturedAtMs: nowMs };
  const cause = strayCauseOf(command, state);
  const event: PaymentEvent =
    cause === null
      ? { type: 'PaymentCaptured', data }
      : { type: 'StrayPaymentCaptured', data: { ...data, cause } };
  return { outcome: captureOutcome(cause), events: [event] };
}

function strayCauseOf(command: RecordCapture, state: RequestedPayment): StrayCause | null {
  if (payingCapture(state) !== undefined) return 'already_captured';
  if (command.currency !== state.request.currency) return 'wrong_currency';
  return command.amountMinor === state.request.amountMinor ? null : 'wrong_amount';
}

const captureOutcome = (stray: StrayCause | null): PaymentOutcome =>
  stray === null ? { kind: 'captured' } : { kind: 'stray', cause: stray };

function fail({ code, nowMs }: RecordFailure, state: RequestedPayment): PaymentDecision {
  if (payingCapture(state) !== undefined) {
    return nothing({ kind: 'ignored', cause: 'captured' });
  }
  if (state.failed) return nothing({ kind: 'failed' });
  const data = { ...subjectOf(state), code: failureCodeOf(code), failedAtMs: nowMs };
  return { outcome: { kind: 'failed' }, events: [{ type: 'PaymentFailed', data }] };
}

function requestRefund(command: RequestRefund, state: RequestedPayment): PaymentDecision {
  const { refundId, amountMinor, reason, nowMs } = command;
  const reference = command.providerReference ?? payingCapture(state)?.providerReference;
  if (reference === undefined) return refuse('nothing_captured');
  const before = state.refunds.find((refund) => refund.refundId === refundId);
  if (before !== undefined) {
    const same = before.amountMinor === amountMinor && before.providerReference === reference;
    return same ? nothing({ kind: 'refund_requested' }) : refuse('refund_id_reused');
  }
  const charge = state.captures.find((known) => known.providerReference === reference);
  if (charge === undefined) return refuse('capture_not_found');
  if (amountMinor === 0) return refuse('amount_is_zero');
  const refundableMinor = balanceOf(state, charge).keptMinor;
  if (amountMinor > refundableMinor) {
    return nothing({ kind: 'refused', code: 'refund_exceeds_capture', refundableMinor });
  }
  if (state.refunds.length >= MAX_REFUNDS_PER_PAYMENT) return refuse('too_many_refunds');
  const data: PaymentEventOf<'RefundRequested'> = {
    ...subjectOf(state),
    refundId,
    providerReference: reference,
    amountMinor,
    currency: charge.currency,
    reason,
    requestedAtMs: nowMs,
  };
  return { outcome: { kind: 'refund_requested' }, events: [{ type: 'RefundRequested', data }] };
}
