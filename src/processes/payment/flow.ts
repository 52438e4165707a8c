/**
 * What follows from each event of a payment, and from the events of a sale that move money: one step each,
 * told by the event alone, so that a story can be played without any store.
 */
import type {
  PaymentEvent,
  PaymentEventOf,
  PaymentOutcome,
  RequestRefund,
} from '../../domain/payment/index.ts';
import type { ConfirmPayment, SaleEvent, SaleOutcome } from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { PaymentNumber, ProgramId, RefundId } from '../../domain/shared/ids.ts';
import { refundIdOfEnded, refundIdOfStray, refundIdOfTickets } from './refund-id.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const handles = [
  'PaymentCaptured',
  'StrayPaymentCaptured',
  'RefundRequested',
  'RefundRetried',
  'RefundFailed',
  'OrderRefunded',
  'LatePaymentRefused',
] as const satisfies readonly (PaymentEvent | SaleEvent)['type'][];

export type PaymentFlowEvent = Extract<PaymentEvent | SaleEvent, { readonly type: (typeof handles)[number] }>;

/** Which attempt of which refund. */
export type RefundAttempt = {
  readonly paymentNumber: PaymentNumber;
  readonly refundId: RefundId;
  readonly attempt: number;
};

export type Step =
  /** Tells the sale that the money is there; `stepAfterConfirming` says what its answer leads to. */
  | {
      readonly kind: 'confirm_payment';
      readonly programId: ProgramId;
      readonly command: ConfirmPayment;
    }
  | { readonly kind: 'request_refund'; readonly command: Omit<RequestRefund, 'nowMs'> }
  | ({ readonly kind: 'ask_provider' } & RefundAttempt)
  | ({ readonly kind: 'retry_refund'; readonly dueMs: number } & RefundAttempt)
  /**
   * Failed as often as it is worth trying: a person has to settle it. The money stays owed, and is seen so.
   */
  | ({ readonly kind: 'give_up_refund' } & RefundAttempt);

/** Waits between attempts double from the first to the longest. */
export type RefundPatience = {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxAttempts: number;
};

/** About three days. */
export const REFUND_PATIENCE: RefundPatience = {
  firstDelayMs: MINUTE_MS,
  maxDelayMs: 6 * HOUR_MS,
  maxAttempts: 20,
};

export function stepOf(event: PaymentFlowEvent, patience = REFUND_PATIENCE): Step {
  switch (event.type) {
    case 'PaymentCaptured': {
      const { programId, orderNumber, paymentNumber, amountMinor } = event.data;
      const command = { type: 'ConfirmPayment', orderNumber, paymentNumber, amountMinor } as const;
      return { kind: 'confirm_payment', programId, command };
    }
    case 'StrayPaymentCaptured': {
      const { paymentNumber, providerReference, amountMinor } = event.data;
      const refundId = refundIdOfStray(paymentNumber, providerReference);
      return requestRefund({
        paymentNumber,
        refundId,
        amountMinor,
        reason: 'stray_capture',
        providerReference,
      });
    }
    case 'LatePaymentRefused':
      return refundOfEnded(event.data);
    case 'OrderRefunded': {
      const { paymentNumber, tickets, amountMinor } = event.data;
      const refundId = refundIdOfTickets(paymentNumber, tickets);
      return requestRefund({ paymentNumber, refundId, amountMinor, reason: 'tickets_returned' });
    }
    case 'RefundRequested':
      return { kind: 'ask_provider', ...attemptOf(event.data, 1) };
    case 'RefundRetried':
      return { kind: 'ask_provider', ...attemptOf(event.data, event.data.attempt) };
    case 'RefundFailed':
      return stepAfterFailure(event.data, patience);
    default:
      return unreachable(event);
  }
}

/** Undefined: the order is paid by this payment, now or before. */
export function stepAfterConfirming(outcome: SaleOutcome): Step | undefined {
  if (outcome.kind === 'order_paid') return undefined;
  if (outcome.kind === 'refund_due') return refundOfEnded(outcome);
  throw new Error(`A sale answered ${outcome.kind} to captured money.`);
}

/**
 * Whether the refund is on its way or was before. `refund_exceeds_capture` is so too: causes overlap when an
 * order is given back that ended otherwise, and what is no longer there has gone back by another cause.
 */
export const isRefundSettled = (outcome: PaymentOutcome): boolean =>
  outcome.kind !== 'refused' || outcome.code === 'refund_exceeds_capture';

/** The sale's answer and its event tell of one cause: they have one refund id. */
function refundOfEnded(ended: Pick<ConfirmPayment, 'paymentNumber' | 'amountMinor'>): Step {
  const { paymentNumber, amountMinor } = ended;
  const refundId = refundIdOfEnded(paymentNumber);
  return requestRefund({ paymentNumber, refundId, amountMinor, reason: 'order_ended' });
}

const requestRefund = (command: Omit<RequestRefund, 'type' | 'nowMs'>): Step => ({
  kind: 'request_refund',
  command: { type: 'RequestRefund', ...command },
});

const attemptOf = (
  { paymentNumber, refundId }: Pick<RefundAttempt, 'paymentNumber' | 'refundId'>,
  attempt: number,
): RefundAttempt => ({ paymentNumber, refundId, attempt });

function stepAfterFailure(failure: PaymentEventOf<'RefundFailed'>, patience: RefundPatience): Step {
  const { attempt, failedAtMs } = failure;
  if (attempt >= patience.maxAttempts) return { kind: 'give_up_refund', ...attemptOf(failure, attempt) };
  const delayMs = Math.min(patience.firstDelayMs * 2 ** (attempt - 1), patience.maxDelayMs);
  return { kind: 'retry_refund', ...attemptOf(failure, attempt + 1), dueMs: failedAtMs + delayMs };
}
