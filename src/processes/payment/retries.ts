/** Refunds whose time to be tried again has come. The composition root calls this every few seconds. */
import type { PaymentProcessDeps, ScheduledRetry } from './ports.ts';

/** More wait for the next call. */
const MAX_RETRIES_PER_CALL = 100;

/**
 * Answers how many were due. Rejects where the log or the table cannot be reached; whatever was not done then
 * is due again at the next call. A payment that is out of reach holds up no other one.
 */
export const retryDueRefunds = async (
  deps: Pick<PaymentProcessDeps, 'payment' | 'retries' | 'nowMs'>,
): Promise<number> => {
  const due = await deps.retries.due(deps.nowMs(), MAX_RETRIES_PER_CALL);
  const failures: unknown[] = [];
  for (const retry of due) await retryRefund(deps, retry).catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return due.length;
};

const retryRefund = async (
  deps: Pick<PaymentProcessDeps, 'payment' | 'retries' | 'nowMs'>,
  retry: ScheduledRetry,
): Promise<void> => {
  const { paymentNumber, refundId, attempt, correlationId } = retry;
  const commandId = `refund-retry/${refundId}/${attempt}`;
  // Refused or ignored, the refund has gone on without it: there is nothing left to do either way.
  await deps
    .payment(paymentNumber)
    .submit(
      { type: 'RetryRefund', paymentNumber, refundId, attempt, nowMs: deps.nowMs() },
      { commandId, correlationId, actor: 'refund-retry' },
    );
  await deps.retries.done(retry);
};
