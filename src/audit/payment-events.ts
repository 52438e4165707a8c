/** Finds the payments of an order without an index: their numbers follow from the order's, or its sale names them. */
import { paymentNumberOf } from '../commands/payment-number.ts';
import { paymentStream } from '../domain/payment/index.ts';
import type { OrderNumber, PaymentNumber } from '../domain/shared/ids.ts';
import { type CollectedEvents, createCollected } from './collected.ts';
import type { AuditLog, OrderEvent } from './log.ts';

/** An order has one payment at a time, and few in all; the engine itself stops at 20. */
const MAX_PAYMENTS = 100;

type Deps = { readonly log: Pick<AuditLog, 'read'>; readonly signal?: AbortSignal | undefined };

/**
 * The events of those that are `named`, and of those whose numbers follow from the order's, up to the first that never
 * was. Rejects with what the log rejects with, and with the reason of the signal.
 */
export const paymentsOfOrder = async (
  { log, signal }: Deps,
  orderNumber: OrderNumber,
  named: Iterable<PaymentNumber>,
): Promise<CollectedEvents> => {
  const collected = createCollected(orderNumber);
  const read = async (number: PaymentNumber): Promise<boolean> => {
    let isThere = false;
    for await (const page of log.read(paymentStream(number))) {
      isThere = true;
      signal?.throwIfAborted();
      collected.take(page);
    }
    return isThere;
  };
  const followed = new Set<PaymentNumber>();
  for (let attempt = 1; attempt <= MAX_PAYMENTS; attempt++) {
    const number = paymentNumberOf(orderNumber, attempt);
    followed.add(number);
    if (!(await read(number))) break;
  }
  for (const number of named) if (!followed.has(number)) await read(number);
  return collected.found();
};

export const paymentsNamedBy = (events: readonly OrderEvent[]): ReadonlySet<PaymentNumber> =>
  new Set(events.flatMap(({ data }) => ('paymentNumber' in data ? [data.paymentNumber] : [])));
