/** The orders of one sale as the check remembers them: what each is now, and how its queue entry ended. */
import type { Place } from '../../domain/sale/index.ts';

export type OrderStatus =
  | 'awaiting_payment'
  | 'paid'
  | 'issued'
  | 'cancelled'
  | 'expired'
  | 'payment_refused'
  | 'refunded';

export type OrderInLog = {
  readonly orderNumber: string;
  readonly buyer: string;
  readonly amountMinor: number;
  readonly deadlineMs: number;
  readonly documents: readonly string[];
  status: OrderStatus;
  /** By ticket. */
  places: readonly Place[];
  refunded: ReadonlySet<number>;
  refundedMinor: number;
  paymentNumber: string | undefined;
  refusal: string | undefined;
};

export type HoldInLog = {
  readonly buyer: string;
  readonly places: readonly Place[];
  readonly expiresAtMs: number;
};

/** `end` is undefined while nobody has decided it. */
export type QueuedInLog = {
  readonly orderNumber: string;
  readonly buyer: string;
  readonly deadlineMs: number;
  end: { readonly kind: 'placed' | 'rejected' | 'repeated'; readonly why: string | undefined } | undefined;
};
