/** What was charged and what goes back, folded from a payment's events. */
import { unreachable } from '../shared/event.ts';
import type { RefundId } from '../shared/ids.ts';
import type { AmountMinor, Currency } from '../shared/money.ts';
import type { PaymentEvent, PaymentEventOf, ProviderReference, StrayCause } from './events.ts';

export type Capture = {
  readonly providerReference: ProviderReference;
  readonly amountMinor: AmountMinor;
  readonly currency: Currency;
  /** Null: this is the charge that pays the order. */
  readonly stray: StrayCause | null;
};

export type Refund = {
  readonly refundId: RefundId;
  readonly providerReference: ProviderReference;
  readonly amountMinor: AmountMinor;
  readonly currency: Currency;
  readonly attempt: number;
  readonly status: 'requested' | 'failed' | 'completed';
};

export type RequestedPayment = {
  readonly kind: 'requested';
  readonly request: PaymentEventOf<'PaymentRequested'>;
  readonly failed: boolean;
  readonly captures: readonly Capture[];
  readonly refunds: readonly Refund[];
};

export type PaymentState = { readonly kind: 'unrequested' } | RequestedPayment;

export const initial = (): PaymentState => ({ kind: 'unrequested' });

export function evolve(state: PaymentState, event: PaymentEvent): PaymentState {
  if (event.type === 'PaymentRequested') {
    return { kind: 'requested', request: event.data, failed: false, captures: [], refunds: [] };
  }
  // Nothing comes before the request.
  return state.kind === 'unrequested' ? state : evolveRequested(state, event);
}

type LaterEvent = Exclude<PaymentEvent, { type: 'PaymentRequested' }>;

function evolveRequested(state: RequestedPayment, event: LaterEvent): RequestedPayment {
  switch (event.type) {
    case 'PaymentCaptured':
      return { ...state, captures: [...state.captures, captureOf(event.data, null)] };
    case 'StrayPaymentCaptured':
      return { ...state, captures: [...state.captures, captureOf(event.data, event.data.cause)] };
    case 'PaymentFailed':
      return { ...state, failed: true };
    case 'RefundRequested': {
      const { refundId, providerReference, amountMinor, currency } = event.data;
      const refund = { refundId, providerReference, amountMinor, currency, attempt: 1 };
      return { ...state, refunds: [...state.refunds, { ...refund, status: 'requested' }] };
    }
    case 'RefundCompleted':
      return changeRefund(state, event.data.refundId, { status: 'completed' });
    case 'RefundFailed':
      return changeRefund(state, event.data.refundId, { status: 'failed' });
    case 'RefundRetried':
      return changeRefund(state, event.data.refundId, { status: 'requested', attempt: event.data.attempt });
    default:
      return unreachable(event);
  }
}

function captureOf(data: Omit<Capture, 'stray'>, stray: StrayCause | null): Capture {
  const { providerReference, amountMinor, currency } = data;
  return { providerReference, amountMinor, currency, stray };
}

function changeRefund(
  state: RequestedPayment,
  refundId: RefundId,
  change: Partial<Refund>,
): RequestedPayment {
  const refunds = state.refunds.map((refund) =>
    refund.refundId === refundId ? { ...refund, ...change } : refund,
  );
  return { ...state, refunds };
}
