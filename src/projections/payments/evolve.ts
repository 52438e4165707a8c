/** What the events of payments make of their rows: the money of the paying charge, of strays, and of refunds. */
import type { PaymentEvent, ProviderReference } from '../../domain/payment/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { RefundId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Projected } from '../projection.ts';
import type { PaymentRow, RefundRow, StrayChargeRow } from './table.ts';

/** A payment, and of its strays and refunds all that its next events may change. Has one owner, and is changed. */
export type PaymentRows = {
  readonly head: PaymentRow;
  readonly strays: Map<ProviderReference, StrayChargeRow>;
  readonly refunds: Map<RefundId, RefundRow>;
};

/** The event that needs nothing of what was before. */
export const startsAnew = ({ type }: PaymentEvent): boolean => type === 'PaymentRequested';

/** The events that need the payment's strays and refunds to be there. */
export const movesMoneyBack = ({ type }: PaymentEvent): boolean =>
  type === 'RefundRequested' ||
  type === 'RefundCompleted' ||
  type === 'RefundFailed' ||
  type === 'RefundRetried';

type Event<Type extends PaymentEvent['type']> = Projected<Extract<PaymentEvent, { readonly type: Type }>>;

/** Throws when the event contradicts those before it. */
export const evolve = (rows: PaymentRows | undefined, event: Projected<PaymentEvent>): PaymentRows => {
  if (event.type === 'PaymentRequested') return requested(event);
  if (rows === undefined) return contradicts(event, 'comes before it was requested');
  change(rows, event);
  rows.head.status = statusOf(rows.head);
  return rows;
};

const change = (
  { head, strays, refunds }: PaymentRows,
  event: Projected<Exclude<PaymentEvent, { readonly type: 'PaymentRequested' }>>,
): void => {
  switch (event.type) {
    case 'PaymentCaptured':
      head.provider_reference = event.data.providerReference;
      head.captured_minor = event.data.amountMinor;
      head.captured_at_ms = event.data.capturedAtMs;
      break;
    case 'StrayPaymentCaptured':
      strays.set(event.data.providerReference, strayOf(head, event));
      break;
    case 'PaymentFailed':
      head.failure_code = event.data.code;
      head.failed_at_ms = event.data.failedAtMs;
      break;
    case 'RefundRequested':
      refunds.set(event.data.refundId, refundOf(head, event));
      chargeOf(head, strays, event).refunding_minor += event.data.amountMinor;
      break;
    case 'RefundCompleted': {
      const { amountMinor, completedAtMs } = event.data;
      const charge = chargeOf(head, strays, event);
      charge.refunding_minor -= amountMinor;
      charge.refunded_minor += amountMinor;
      if (charge === head) head.refunded_at_ms = completedAtMs;
      Object.assign(known(refunds, event), { status: 'completed', changed_at_ms: completedAtMs });
      break;
    }
    case 'RefundFailed': {
      const { attempt, code, failedAtMs } = event.data;
      const failed = { status: 'failed', attempt, failure_code: code, changed_at_ms: failedAtMs } as const;
      Object.assign(known(refunds, event), failed);
      break;
    }
    case 'RefundRetried': {
      const { attempt, retriedAtMs } = event.data;
      Object.assign(known(refunds, event), { status: 'requested', attempt, changed_at_ms: retriedAtMs });
      break;
    }
    default:
      unreachable(event);
  }
};

/** What `paymentStatusOf` says of the payment's state. */
const statusOf = ({ captured_at_ms, failed_at_ms, captured_minor, refunded_minor }: PaymentRow) => {
  if (captured_at_ms === null) return failed_at_ms === null ? 'requested' : 'failed';
  if (refunded_minor === 0) return 'captured';
  return refunded_minor === captured_minor ? 'refunded' : 'partly_refunded';
};

const requested = ({ data }: Event<'PaymentRequested'>): PaymentRows => ({
  head: {
    gene: geneOfOrder(data.orderNumber),
    payment_number: data.paymentNumber,
    order_number: data.orderNumber,
    program_id: data.programId,
    buyer: data.buyer,
    provider: data.provider,
    amount_minor: data.amountMinor,
    currency: data.currency,
    status: 'requested',
    provider_reference: null,
    captured_minor: 0,
    refunded_minor: 0,
    refunding_minor: 0,
    failure_code: null,
    requested_at_ms: data.requestedAtMs,
    captured_at_ms: null,
    failed_at_ms: null,
    refunded_at_ms: null,
  },
  strays: new Map(),
  refunds: new Map(),
});

const strayOf = (head: PaymentRow, { data }: Event<'StrayPaymentCaptured'>): StrayChargeRow => ({
  gene: head.gene,
  payment_number: head.payment_number,
  provider_reference: data.providerReference,
  program_id: head.program_id,
  cause: data.cause,
  amount_minor: data.amountMinor,
  currency: data.currency,
  refunded_minor: 0,
  refunding_minor: 0,
  captured_at_ms: data.capturedAtMs,
});

const refundOf = (head: PaymentRow, { data }: Event<'RefundRequested'>): RefundRow => ({
  gene: head.gene,
  payment_number: head.payment_number,
  refund_id: data.refundId,
  order_number: head.order_number,
  program_id: head.program_id,
  provider_reference: data.providerReference,
  amount_minor: data.amountMinor,
  currency: data.currency,
  reason: data.reason,
  status: 'requested',
  attempt: 1,
  failure_code: null,
  requested_at_ms: data.requestedAtMs,
  changed_at_ms: data.requestedAtMs,
});

/** The charge that a refund gives back: the one that paid, or a stray. */
const chargeOf = (
  head: PaymentRow,
  strays: PaymentRows['strays'],
  event: Event<'RefundRequested' | 'RefundCompleted'>,
): PaymentRow | StrayChargeRow => {
  const { providerReference } = event.data;
  if (providerReference === head.provider_reference) return head;
  return strays.get(providerReference) ?? contradicts(event, 'gives back a charge that is not known');
};

const known = (
  refunds: PaymentRows['refunds'],
  event: Event<'RefundCompleted' | 'RefundFailed' | 'RefundRetried'>,
): RefundRow => refunds.get(event.data.refundId) ?? contradicts(event, 'changes a refund that is not known');

const contradicts = ({ type, data }: Projected<PaymentEvent>, how: string): never => {
  throw new Error(`${type} of payment ${data.paymentNumber} ${how}.`);
};
