/**
 * What becomes of a refund that was asked for. A failed refund keeps its amount: the buyer is owed it, and a
 * completion that arrives after all finds it set aside.
 */
import type { RecordRefundCompleted, RecordRefundFailed, RetryRefund } from './commands.ts';
import { failureCodeOf } from './events.ts';
import { MAX_REFUND_ATTEMPTS } from './limits.ts';
import { nothing, type PaymentDecision, refuse, subjectOf } from './outcomes.ts';
import type { Refund, RequestedPayment } from './state.ts';

const refundOf = (state: RequestedPayment, { refundId }: Pick<Refund, 'refundId'>): Refund | undefined =>
  state.refunds.find((refund) => refund.refundId === refundId);

/** After a failure too: money that went back went back. */
export function completeRefund(command: RecordRefundCompleted, state: RequestedPayment): PaymentDecision {
  const refund = refundOf(state, command);
  if (refund === undefined) return refuse('refund_not_found');
  if (refund.amountMinor !== command.amountMinor || refund.currency !== command.currency) {
    return refuse('refund_differs');
  }
  if (refund.status === 'completed') return nothing({ kind: 'refund_completed' });
  const { refundId, providerReference, amountMinor, currency } = refund;
  const charge = { providerReference, amountMinor, currency };
  const data = { ...subjectOf(state), refundId, ...charge, completedAtMs: command.nowMs };
  return { outcome: { kind: 'refund_completed' }, events: [{ type: 'RefundCompleted', data }] };
}

export function failRefund(command: RecordRefundFailed, state: RequestedPayment): PaymentDecision {
  const { refundId, attempt, code, nowMs } = command;
  const refund = refundOf(state, command);
  if (refund === undefined) return refuse('refund_not_found');
  if (attempt > refund.attempt) return refuse('refund_attempt_unexpected');
  if (refund.status === 'completed') return nothing({ kind: 'ignored', cause: 'completed' });
  if (attempt < refund.attempt) return nothing({ kind: 'ignored', cause: 'earlier_attempt' });
  if (refund.status === 'failed') return nothing({ kind: 'refund_failed' });
  const data = { ...subjectOf(state), refundId, attempt, code: failureCodeOf(code), failedAtMs: nowMs };
  return { outcome: { kind: 'refund_failed' }, events: [{ type: 'RefundFailed', data }] };
}

export function retryRefund(command: RetryRefund, state: RequestedPayment): PaymentDecision {
  const { refundId, attempt, nowMs } = command;
  const refund = refundOf(state, command);
  if (refund === undefined) return refuse('refund_not_found');
  if (attempt <= refund.attempt) return nothing({ kind: 'refund_requested' });
  if (refund.status === 'completed') return nothing({ kind: 'ignored', cause: 'completed' });
  const isNext = refund.status === 'failed' && attempt === refund.attempt + 1;
  if (!isNext || attempt > MAX_REFUND_ATTEMPTS) return refuse('refund_attempt_unexpected');
  const data = { ...subjectOf(state), refundId, attempt, retriedAtMs: nowMs };
  return { outcome: { kind: 'refund_requested' }, events: [{ type: 'RefundRetried', data }] };
}
