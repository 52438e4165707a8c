/**
 * What the engine asks of a payment provider, whoever it is. A provider takes money and gives it back, and
 * tells the outcome in signed callbacks that may come late, repeatedly and out of order.
 */
import type { ProviderReference } from '../domain/payment/index.ts';
import type { OrderNumber, PaymentNumber, RefundId } from '../domain/shared/ids.ts';
import type { AmountMinor, Currency } from '../domain/shared/money.ts';

type Money = { readonly amountMinor: AmountMinor; readonly currency: Currency };

export type ChargeRequest = Money & {
  readonly paymentNumber: PaymentNumber;
  readonly orderNumber: OrderNumber;
  /**
   * After this the seats may be gone; the provider should not take the money then, and may do so all the
   * same.
   */
  readonly deadlineMs: number;
};

export type RefundRequest = Money & {
  readonly refundId: RefundId;
  readonly paymentNumber: PaymentNumber;
  /** The charge that it goes back from. */
  readonly providerReference: ProviderReference;
  /** From 1; counts on when a refund failed and is asked for again. */
  readonly attempt: number;
};

/** What a callback says. */
export type ProviderNotice =
  | (Money & {
      readonly kind: 'captured';
      readonly paymentNumber: PaymentNumber;
      readonly providerReference: ProviderReference;
    })
  | { readonly kind: 'failed'; readonly paymentNumber: PaymentNumber; readonly code: string }
  | (Money & {
      readonly kind: 'refund_completed';
      readonly paymentNumber: PaymentNumber;
      readonly refundId: RefundId;
    })
  | {
      readonly kind: 'refund_failed';
      readonly paymentNumber: PaymentNumber;
      readonly refundId: RefundId;
      readonly attempt: number;
      readonly code: string;
    };

export type CallbackVerdict =
  | { readonly kind: 'verified'; readonly notice: ProviderNotice }
  | {
      readonly kind: 'refused';
      readonly code: 'signature_invalid' | 'callback_too_old' | 'invalid_request';
    };

/** The provider cannot be reached or does not answer sensibly. Whether it did anything is not known. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
}

export type PaymentProvider = {
  /** As it is stored in PaymentRequested and named in the callback's address. */
  readonly name: string;
  /** One charge for each payment number, however often it is asked for. Rejects with ProviderError. */
  readonly requestCharge: (request: ChargeRequest) => Promise<{ readonly payUrl: string }>;
  /**
   * At most one refund for each refund id, however often it is asked for; how it ends comes by callback.
   * `refused` is an end too. Rejects with ProviderError.
   */
  readonly refund: (
    request: RefundRequest,
  ) => Promise<{ readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly code: string }>;
  readonly verifyCallback: (
    header: (name: string) => string | undefined,
    rawBody: Uint8Array,
    nowMs: number,
  ) => CallbackVerdict;
};
