/** What becomes of places, limits and requests when seats are held, ordered and given back. */
import type { Place, SaleEventOf } from '../../domain/sale/index.ts';
import type { OrderInLog, QueuedInLog } from './orders.ts';
import { holdName, known, orderName, type SaleFold, sameCount } from './sale-fold.ts';

export function held(sale: SaleFold, data: SaleEventOf<'SeatsHeld'>, how: string): void {
  const { holdToken, buyer, places, expiresAtMs } = data;
  sale.limits.ordered(holdName(holdToken), places.length, how);
  sale.limits.buyer(buyer, places.length, how);
  sale.places.take(holdName(holdToken), places, how);
  sale.holds.set(holdToken, { buyer, places, expiresAtMs });
}

export function holdEnded(sale: SaleFold, data: SaleEventOf<'HoldReleased'>, how: string): void {
  const { holdToken, places } = data;
  const hold = sale.holds.get(holdToken);
  if (hold === undefined) {
    sale.findings.broken('seats', `no live hold ${holdToken} (${how})`);
    return;
  }
  sameCount(sale, hold.places, places, how);
  sale.holds.delete(holdToken);
  sale.limits.buyer(hold.buyer, -hold.places.length, how);
  sale.places.free(holdName(holdToken), places, 'held', how);
}

export function placed(sale: SaleFold, data: SaleEventOf<'OrderPlaced'>, how: string): void {
  const { orderNumber, buyer, requestId, tickets, amountMinor, deadlineMs, holdToken } = data;
  const { findings, requests, limits } = sale;
  const of = requests.get(requestId);
  if (of !== undefined) findings.broken('requests', `request ${requestId}: orders ${of} and ${orderNumber}`);
  requests.set(requestId, orderNumber);
  if (sale.orders.has(orderNumber)) findings.broken('requests', `order ${orderNumber} placed twice (${how})`);
  if (data.queue !== undefined) decided(sale, data.queue, { kind: 'placed', why: undefined }, how);

  const places = tickets.map(({ category, seat }): Place => [category, seat]);
  const documents = tickets.map(({ idDocument }) => idDocument);
  limits.ordered(orderName(orderNumber), tickets.length, how);
  for (const document of documents) limits.document(document, 1, how);
  if (holdToken === undefined) {
    limits.buyer(buyer, tickets.length, how);
    sale.places.take(orderName(orderNumber), places, how);
  } else {
    takeOver(sale, holdToken, { orderNumber, buyer, places }, how);
  }
  const costsMinor = tickets.reduce(
    (sum, { category }) => sum + (sale.terms.layout[category]?.priceMinor ?? 0),
    0,
  );
  if (amountMinor !== costsMinor) {
    findings.broken(
      'money',
      `order ${orderNumber} is ${amountMinor}, its tickets cost ${costsMinor} (${how})`,
    );
  }
  sale.orders.set(orderNumber, {
    ...{ orderNumber, buyer, amountMinor, deadlineMs, documents, places, status: 'awaiting_payment' },
    ...{ refunded: new Set(), refundedMinor: 0, paymentNumber: undefined, refusal: undefined },
  });
}

function takeOver(
  sale: SaleFold,
  holdToken: string,
  order: Pick<OrderInLog, 'orderNumber' | 'buyer' | 'places'>,
  how: string,
): void {
  const hold = sale.holds.get(holdToken);
  const { orderNumber, buyer, places } = order;
  if (hold?.buyer !== buyer) {
    sale.findings.broken(
      'seats',
      `order ${orderNumber} of ${buyer} takes hold ${holdToken} of ${hold?.buyer} (${how})`,
    );
  }
  sameCount(sale, hold?.places ?? [], places, how);
  sale.holds.delete(holdToken);
  sale.places.hand(holdName(holdToken), orderName(orderNumber), places, how);
}

export function orderEnded(
  sale: SaleFold,
  { orderNumber, places }: SaleEventOf<'OrderCancelled'>,
  status: 'cancelled' | 'expired',
  how: string,
): void {
  const order = known(sale, orderNumber, ['awaiting_payment'], how);
  if (order === undefined) return;
  sameCount(sale, order.places, places, how);
  order.status = status;
  sale.limits.buyer(order.buyer, -order.places.length, how);
  for (const document of order.documents) sale.limits.document(document, -1, how);
  sale.places.free(orderName(orderNumber), places, 'held', how);
}

export function reseated(
  sale: SaleFold,
  { orderNumber, places }: SaleEventOf<'OrderReseated'>,
  how: string,
): void {
  const order = known(sale, orderNumber, ['cancelled', 'expired', 'payment_refused'], how);
  if (order === undefined) return;
  sameCount(sale, order.places, places, how);
  order.status = 'awaiting_payment';
  order.places = places;
  sale.limits.buyer(order.buyer, places.length, how);
  for (const document of order.documents) sale.limits.document(document, 1, how);
  sale.places.take(orderName(orderNumber), places, how);
}

export function decided(
  sale: SaleFold,
  { lane, revision }: { readonly lane: number; readonly revision: number },
  end: NonNullable<QueuedInLog['end']>,
  how: string,
): void {
  const entry = sale.queuedAt.get(`${lane}/${revision}`);
  if (entry === undefined) {
    sale.findings.broken('requests', `nothing was queued at ${lane}/${revision} (${how})`);
  } else if (entry.end !== undefined) {
    sale.findings.broken(
      'requests',
      `order ${entry.orderNumber} was ${entry.end.kind} and ${end.kind} (${how})`,
    );
  } else {
    entry.end = end;
  }
}
