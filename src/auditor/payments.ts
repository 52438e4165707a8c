/** What each event of a payment's stream does to its account, and what must not be so. */
import { type Account, payingCharge } from './accounts.ts';
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import type { Saying } from './stored-format.ts';

type Data<Type extends Saying<'Payment'>['type']> = Saying<'Payment', Type>['data'];

export type PaymentDeps = {
  readonly findings: Findings;
  /** The event that the provider's charge was first written down by, among the payments of all programs. */
  readonly chargedBy: Map<string, EventRef>;
};

export function bookPayment(
  deps: PaymentDeps,
  account: Account,
  event: Saying<'Payment'>,
  by: EventRef,
): void {
  const { paymentNumber } = account;
  const { orderNumber } = event.data;
  if (account.orderNumber !== undefined && account.orderNumber !== orderNumber) {
    const text = `payment ${paymentNumber} is of order ${account.orderNumber} and of order ${orderNumber}`;
    deps.findings.broken('payment_of_another_order', text, account.last, by);
  }
  account.orderNumber ??= orderNumber;
  switch (event.type) {
    case 'PaymentRequested':
      requested(deps, account, event.data, by);
      break;
    case 'PaymentCaptured':
      captured(deps, account, event.data, true, by);
      break;
    case 'StrayPaymentCaptured':
      captured(deps, account, event.data, false, by);
      break;
    case 'RefundRequested':
      refundRequested(deps, account, event.data, by);
      break;
    case 'RefundCompleted':
      refundCompleted(deps, account, event.data, by);
      break;
    default:
      // What failed or is tried again moves no money.
      break;
  }
  account.last = by;
}

function requested(
  { findings }: PaymentDeps,
  account: Account,
  { amountMinor, currency, buyer }: Data<'PaymentRequested'>,
  by: EventRef,
): void {
  if (account.request !== undefined) {
    const text = `payment ${account.paymentNumber} was requested twice`;
    findings.broken('payment_requested_twice', text, account.request.by, by);
    return;
  }
  account.request = { amountMinor, currency, buyer, by };
}

function captured(
  { findings, chargedBy }: PaymentDeps,
  account: Account,
  { providerReference: reference, amountMinor, currency }: Data<'PaymentCaptured'>,
  pays: boolean,
  by: EventRef,
): void {
  const { paymentNumber, request } = account;
  const before = chargedBy.get(reference);
  if (before !== undefined) {
    findings.broken('charge_captured_twice', `charge ${reference} was captured twice`, before, by);
    return;
  }
  chargedBy.set(reference, by);
  const earlier = payingCharge(account);
  if (request === undefined) {
    findings.broken('capture_not_requested', `payment ${paymentNumber} was captured and never requested`, by);
  } else if (pays && earlier !== undefined) {
    const text = `payment ${paymentNumber} was captured as a whole twice`;
    findings.broken('capture_not_requested', text, earlier.by, by);
  } else if (pays && (request.amountMinor !== amountMinor || request.currency !== currency)) {
    const text =
      `payment ${paymentNumber} is of ${request.amountMinor} ${request.currency}, ` +
      `${amountMinor} ${currency} were captured`;
    findings.broken('payment_amount_wrong', text, request.by, by);
  }
  account.charges.push({ reference, amountMinor, currency, pays, by, refundsMinor: 0 });
}

function refundRequested(
  { findings }: PaymentDeps,
  account: Account,
  { refundId, providerReference: reference, amountMinor, currency }: Data<'RefundRequested'>,
  by: EventRef,
): void {
  const { paymentNumber, refunds, charges } = account;
  const before = refunds.find((refund) => refund.refundId === refundId);
  if (before !== undefined) {
    const text = `refund ${refundId} of payment ${paymentNumber} was requested twice`;
    findings.broken('refund_requested_twice', text, before.by, by);
    return;
  }
  refunds.push({ refundId, reference, amountMinor, currency, by, completedBy: undefined });
  const charge = charges.find((one) => one.reference === reference);
  if (charge === undefined) {
    const text = `refund ${refundId} is of charge ${reference}, which payment ${paymentNumber} has not`;
    findings.broken('refund_exceeds_capture', text, by);
    return;
  }
  charge.refundsMinor += amountMinor;
  if (charge.refundsMinor > charge.amountMinor || charge.currency !== currency) {
    const text =
      `payment ${paymentNumber}: ${charge.refundsMinor} ${currency} are to be refunded ` +
      `of ${charge.amountMinor} ${charge.currency} captured`;
    findings.broken('refund_exceeds_capture', text, charge.by, by);
  }
}

function refundCompleted(
  { findings }: PaymentDeps,
  { paymentNumber, refunds }: Account,
  { refundId, providerReference, amountMinor, currency }: Data<'RefundCompleted'>,
  by: EventRef,
): void {
  const refund = refunds.find((one) => one.refundId === refundId);
  const name = `refund ${refundId} of payment ${paymentNumber}`;
  if (refund === undefined) {
    findings.broken('refund_not_requested', `${name} was completed and never requested`, by);
    return;
  }
  if (refund.completedBy !== undefined) {
    findings.broken('refund_completed_twice', `${name} was completed twice`, refund.completedBy, by);
    return;
  }
  refund.completedBy = by;
  const isSameMoney = refund.amountMinor === amountMinor && refund.currency === currency;
  if (isSameMoney && refund.reference === providerReference) return;
  const text =
    `${name} is of ${refund.amountMinor} ${refund.currency} of ${refund.reference}, ` +
    `${amountMinor} ${currency} of ${providerReference} went back`;
  findings.broken('refund_amount_wrong', text, refund.by, by);
}
