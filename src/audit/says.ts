/** An event in a few words, for people who read a history. No personal data: ids, amounts and codes. */
import { unreachable } from '../domain/shared/event.ts';
import type { EventAnswer } from './answers.ts';
import type { AuditedEvent, LogEvent } from './log.ts';

export const eventAnswer = (event: LogEvent): EventAnswer => ({
  position: event.position.toString(),
  recordedAtMs: event.recordedAtMs,
  stream: event.stream,
  revision: event.revision.toString(),
  type: event.type,
  actor: event.metadata.actor,
  mode: event.metadata.mode ?? null,
  correlationId: event.metadata.correlationId,
  causationId: event.metadata.causationId,
  says: says(event),
});

/** `1234.50 CNY` from minor units: two decimals, as in every currency that the engine has met. */
export const moneyText = (amountMinor: number, currency = ''): string =>
  `${(amountMinor / 100).toFixed(2)} ${currency}`.trimEnd();

export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

// One case for each event: a table of what is said, not a decision.
const says = (event: AuditedEvent): string => {
  switch (event.type) {
    case 'SaleStarted':
      return 'the sale was started';
    case 'SaleRescheduled':
      return 'the hours of the sale were changed';
    case 'SaleEnded':
      return 'the sale was closed';
    case 'SeatsHeld':
      return `${count(event.data.places.length, 'place')} held as ${event.data.holdToken}`;
    case 'HoldReleased':
      return `hold ${event.data.holdToken} was released by its buyer`;
    case 'HoldExpired':
      return `hold ${event.data.holdToken} expired`;
    case 'OrderQueued':
      return `${count(event.data.ticketUsers.length, 'ticket')} asked for, by ${event.data.want.by}`;
    case 'OrderPlaced':
      return saysPlaced(event.data);
    case 'OrderRepeated':
      return `the request had led to order ${event.data.of} before`;
    case 'OrderRejected':
      return `rejected: ${event.data.code}`;
    case 'OrderCancelled':
      return 'cancelled; its places are free';
    case 'OrderExpired':
      return 'not paid in time; its places are free';
    case 'OrderReseated':
      return event.data.sameSeats ? 'paid late: the same places again' : 'paid late: equal places found';
    case 'TicketsIssued':
      return 'tickets issued';
    default:
      return saysMoney(event);
  }
};

type MoneyEvent = Extract<AuditedEvent, { readonly data: { readonly paymentNumber: unknown } }>;

const saysPlaced = ({
  tickets,
  amountMinor,
  holdToken,
}: Extract<AuditedEvent, { type: 'OrderPlaced' }>['data']) => {
  const what = `${count(tickets.length, 'ticket')} for ${moneyText(amountMinor)}`;
  return holdToken === undefined ? what : `${what}, taking over hold ${holdToken}`;
};

const saysMoney = ({ type, data }: MoneyEvent): string => {
  switch (type) {
    case 'OrderPaid':
      return `payment ${data.paymentNumber} of ${moneyText(data.amountMinor)} bought it`;
    case 'LatePaymentRefused':
      return `payment ${data.paymentNumber} came too late: ${data.code}; it is to be refunded`;
    case 'OrderRefunded':
      return `${count(data.tickets.length, 'ticket')} given back, ${moneyText(data.amountMinor)} to be refunded`;
    case 'PaymentRequested':
      return `payment ${data.paymentNumber} of ${moneyText(data.amountMinor, data.currency)} asked of ${data.provider}`;
    case 'PaymentCaptured':
      return `${moneyText(data.amountMinor, data.currency)} captured as ${data.providerReference}`;
    case 'StrayPaymentCaptured':
      return `${moneyText(data.amountMinor, data.currency)} captured that pays nothing: ${data.cause}`;
    case 'PaymentFailed':
      return `the payment failed: ${data.code}`;
    case 'RefundRequested':
      return `refund ${data.refundId} of ${moneyText(data.amountMinor, data.currency)}: ${data.reason}`;
    case 'RefundCompleted':
      return `refund ${data.refundId} completed: ${moneyText(data.amountMinor, data.currency)} is back`;
    case 'RefundFailed':
      return `refund ${data.refundId} failed at attempt ${data.attempt}: ${data.code}`;
    case 'RefundRetried':
      return `refund ${data.refundId} tried again, attempt ${data.attempt}`;
    default:
      return unreachable({ type, data } as never);
  }
};
