/** The orders of a sale that may have been paid, and their payments, read from their streams. */
import type { OrderNumber, PaymentNumber } from '../domain/shared/ids.ts';
import type { AuditLog, LogEvent } from './log.ts';
import { paymentsOfOrder } from './payment-events.ts';
import type { FoundPage } from './program-reading.ts';

/**
 * What looking up the payments of an order costs, against an event in a page of many: the stream of the one it has, and of
 * the next, which is not there. Measured.
 */
export const EVENTS_OF_ORDER = 2 * 15;
/** An event store has other readers too. */
const ORDERS_IN_FLIGHT = 24;

/** Each with the payments that its sale names. */
export type Payable = Map<OrderNumber, ReadonlySet<PaymentNumber>>;

const NONE: ReadonlySet<PaymentNumber> = new Set();

/** What was refused, or waits to be decided, cannot have been paid. */
export const noteOrder = (payable: Payable, { type, data }: LogEvent): void => {
  if (!('orderNumber' in data)) return;
  if (type === 'OrderQueued' || type === 'OrderRejected' || type === 'OrderRepeated') return;
  const named = payable.get(data.orderNumber);
  if (!('paymentNumber' in data)) {
    if (named === undefined) payable.set(data.orderNumber, NONE);
  } else if (!named?.has(data.paymentNumber)) {
    payable.set(data.orderNumber, new Set(named).add(data.paymentNumber));
  }
};

type Deps = { readonly log: Pick<AuditLog, 'read'>; readonly signal?: AbortSignal | undefined };

/**
 * Of several orders at a time, in the order they were noted. Rejects with what the log rejects with, and with the reason
 * of the signal.
 */
export async function* paymentsOf(deps: Deps, payable: Payable): AsyncGenerator<FoundPage> {
  const orders = payable.entries();
  const reading: Promise<FoundPage>[] = [];
  const readNext = (): void => {
    const next = orders.next();
    if (next.done) return;
    const found = paymentsOfOrder(deps, ...next.value);
    // Where one fails, the others are left behind.
    found.catch(() => undefined);
    reading.push(found);
  };
  for (let nth = 0; nth < ORDERS_IN_FLIGHT; nth++) readNext();
  for (let first = reading.shift(); first !== undefined; first = reading.shift()) {
    const found = await first;
    readNext();
    yield found;
  }
}
