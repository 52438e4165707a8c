/**
 * What can be asked of a payment, and what it can answer. Callbacks come repeated and out of order: each of
 * them is a command with one effect, and `ignored` means that the provider may stop sending it.
 */
import type { OrderNumber, PaymentNumber, ProgramId, RefundId, UserId } from '../shared/ids.ts';
import type { AmountMinor, Currency } from '../shared/money.ts';
import type { ProviderReference, RefundReason, StrayCause } from './events.ts';
import type { PaymentRefusalCode } from './refusals.ts';

type Common<Type> = { readonly type: Type; readonly paymentNumber: PaymentNumber; readonly nowMs: number };
type Money = { readonly amountMinor: AmountMinor; readonly currency: Currency };

export type RequestPayment = Common<'RequestPayment'> &
  Money & {
    readonly orderNumber: OrderNumber;
    readonly programId: ProgramId;
    readonly buyer: UserId;
    readonly provider: string;
  };
/** The provider has taken the money. */
export type RecordCapture = Common<'RecordCapture'> &
  Money & { readonly providerReference: ProviderReference };
export type RecordFailure = Common<'RecordFailure'> & { readonly code: string };
export type RequestRefund = Common<'RequestRefund'> & {
  readonly refundId: RefundId;
  readonly amountMinor: AmountMinor;
  readonly reason: RefundReason;
  /** By default the charge that paid the order. */
  readonly providerReference?: ProviderReference;
};
/** `attempt` is one more than the attempt that failed: a repeated command asks the provider once. */
export type RetryRefund = Common<'RetryRefund'> & { readonly refundId: RefundId; readonly attempt: number };
export type RecordRefundCompleted = Common<'RecordRefundCompleted'> & Money & { readonly refundId: RefundId };
export type RecordRefundFailed = Common<'RecordRefundFailed'> & {
  readonly refundId: RefundId;
  readonly attempt: number;
  readonly code: string;
};

export type PaymentCommand =
  | RequestPayment
  | RecordCapture
  | RecordFailure
  | RequestRefund
  | RetryRefund
  | RecordRefundCompleted
  | RecordRefundFailed;

export type PaymentOutcome =
  | { readonly kind: 'requested' | 'captured' | 'failed' }
  | { readonly kind: 'stray'; readonly cause: StrayCause }
  | { readonly kind: 'refund_requested' | 'refund_completed' | 'refund_failed' }
  /** True, but overtaken by something that counts more. */
  | { readonly kind: 'ignored'; readonly cause: 'captured' | 'completed' | 'earlier_attempt' }
  | {
      readonly kind: 'refused';
      readonly code: PaymentRefusalCode;
      /** With `refund_exceeds_capture`: what can still be refunded. */
      readonly refundableMinor?: number;
    };
