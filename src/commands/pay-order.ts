/**
 * From an order to a page where it can be paid. An order has one open payment at a time; a payment that
 * failed, or whose charge paid nothing, is followed by the next. Should two be captured all the same, the
 * sale takes one and answers `refund_due` to the other.
 */
import {
  type PaymentCommand,
  type PaymentOutcome,
  type PaymentRefusalCode,
  type PaymentState,
  payingCapture,
} from '../domain/payment/index.ts';
import type { ProgramRefusalCode } from '../domain/program/index.ts';
import {
  type BookingStatus,
  type OrderInSale,
  orderInSale,
  type SaleCommand,
  type SaleOutcome,
  type SaleRefusalCode,
  type SaleState,
} from '../domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import type { AmountMinor, Currency } from '../domain/shared/money.ts';
import type { PaymentProvider } from '../payments/provider.ts';
import { paymentNumberOf } from './payment-number.ts';
import type { CommandContext } from './ports.ts';
import type { WarmStream } from './warm-stream.ts';

/** Beyond this many payments that came to nothing, somebody tries cards. */
export const MAX_PAYMENTS_PER_ORDER = 20;

type PaymentStream = Pick<WarmStream<PaymentCommand, PaymentState, PaymentOutcome>, 'submit' | 'ask'>;

export type PayOrderDeps = {
  readonly sale: (
    programId: ProgramId,
  ) => Pick<WarmStream<SaleCommand, SaleState, SaleOutcome>, 'peek' | 'ask'>;
  readonly payment: (paymentNumber: PaymentNumber) => PaymentStream;
  /** Undefined for a name that no configured provider has. */
  readonly provider: (name: string) => PaymentProvider | undefined;
  /** The one that new payments go to; undefined where the engine has none. */
  readonly newPaymentsTo: PaymentProvider | undefined;
  /** Asked of programs whose sale has ended. Rejects with what the log rejects with. */
  readonly isCancelled: (programId: ProgramId) => Promise<boolean>;
  readonly nowMs: () => number;
};

export type PayOrder = {
  readonly orderNumber: OrderNumber;
  /** Who the token says. */
  readonly buyer: UserId;
  readonly programId: ProgramId;
};

export type PayOrderAnswer =
  | {
      readonly kind: 'payable';
      readonly paymentNumber: PaymentNumber;
      readonly amountMinor: AmountMinor;
      readonly currency: Currency;
      readonly provider: string;
      readonly payUrl: string;
    }
  | { readonly kind: 'refused'; readonly code: PayOrderRefusalCode };

export type PayOrderRefusalCode =
  | SaleRefusalCode
  | PaymentRefusalCode
  | Extract<ProgramRefusalCode, 'program_cancelled'>
  | 'too_many_payments'
  | 'no_payment_provider';

const awaitingPayment = (order: OrderInSale): FoundOrder | undefined =>
  order.kind === 'found' && order.status === 'awaiting_payment' ? order : undefined;

type FoundOrder = Extract<OrderInSale, { kind: 'found' }>;

/**
 * Rejects with OverloadedError, ProviderError, or with what the log rejects with; it may be repeated then.
 */
export const payOrder = async (
  deps: PayOrderDeps,
  asked: PayOrder,
  context: CommandContext,
): Promise<PayOrderAnswer> => {
  const { orderNumber, buyer, programId } = asked;
  // An order that is no longer what memory says of it was paid late: the sale and the payment process see to that.
  const sale = deps.sale(programId);
  const held = sale.peek();
  const remembered = held && awaitingPayment(orderInSale(held, orderNumber, buyer));
  const order = remembered ?? (await sale.ask((state) => orderInSale(state, orderNumber, buyer)));
  if (order.kind === 'refused') return order;
  const code = whyNotPayable(order, deps.nowMs());
  if (code !== undefined) return { kind: 'refused', code };
  if (order.hasSaleEnded && (await deps.isCancelled(programId))) {
    return { kind: 'refused', code: 'program_cancelled' };
  }
  for (let attempt = 1; attempt <= MAX_PAYMENTS_PER_ORDER; attempt++) {
    const answer = await tryPayment(deps, asked, order, paymentNumberOf(orderNumber, attempt), context);
    if (answer !== 'next') return answer;
  }
  return { kind: 'refused', code: 'too_many_payments' };
};

/** `next`: this payment came to nothing, or its number is another order's. */
const tryPayment = async (
  deps: PayOrderDeps,
  asked: PayOrder,
  order: FoundOrder,
  paymentNumber: PaymentNumber,
  context: CommandContext,
): Promise<PayOrderAnswer | 'next'> => {
  const payment = deps.payment(paymentNumber);
  const standing = await payment.ask((state) => standingOf(state, asked.orderNumber));
  if (standing.kind === 'captured') return { kind: 'refused', code: 'order_already_paid' };
  if (standing.kind === 'spent') return 'next';
  const isOpen = standing.kind === 'open';
  const provider = isOpen ? deps.provider(standing.provider) : deps.newPaymentsTo;
  if (provider === undefined) {
    return isOpen ? 'next' : { kind: 'refused', code: 'no_payment_provider' };
  }
  if (standing.kind === 'unrequested') {
    const { amountMinor, currency } = order;
    const request = { ...asked, paymentNumber, amountMinor, currency, provider: provider.name };
    const outcome = await payment.submit(
      { type: 'RequestPayment', nowMs: deps.nowMs(), ...request },
      context,
    );
    if (outcome.kind === 'refused') {
      return outcome.code === 'payment_number_taken' ? 'next' : { kind: 'refused', code: outcome.code };
    }
  }
  return charge(provider, asked.orderNumber, paymentNumber, order);
};

/** The request is in the log before the provider hears of it: a charge that nobody knows cannot be. */
const charge = async (
  provider: PaymentProvider,
  orderNumber: OrderNumber,
  paymentNumber: PaymentNumber,
  { amountMinor, currency, deadlineMs }: FoundOrder,
): Promise<PayOrderAnswer> => {
  const { payUrl } = await provider.requestCharge({
    paymentNumber,
    orderNumber,
    amountMinor,
    currency,
    deadlineMs,
  });
  return { kind: 'payable', paymentNumber, amountMinor, currency, provider: provider.name, payUrl };
};

type Standing =
  | { readonly kind: 'unrequested' | 'captured' | 'spent' }
  | { readonly kind: 'open'; readonly provider: string };

const standingOf = (state: PaymentState, orderNumber: OrderNumber): Standing => {
  if (state.kind === 'unrequested') return { kind: 'unrequested' };
  if (state.request.orderNumber !== orderNumber) return { kind: 'spent' };
  if (payingCapture(state) !== undefined) return { kind: 'captured' };
  if (state.failed || state.captures.length > 0) return { kind: 'spent' };
  return { kind: 'open', provider: state.request.provider };
};

const whyNotPayable = ({ status, deadlineMs }: FoundOrder, nowMs: number): SaleRefusalCode | undefined => {
  // Past its deadline it is as good as expired, though nobody may have said so yet.
  if (status === 'awaiting_payment') return nowMs < deadlineMs ? undefined : 'order_expired';
  return endedCodes[status] ?? 'order_expired';
};

const endedCodes: Partial<Readonly<Record<BookingStatus, SaleRefusalCode>>> = {
  paid: 'order_already_paid',
  issued: 'order_already_paid',
  cancelled: 'order_cancelled',
  refunded: 'order_refunded',
};
