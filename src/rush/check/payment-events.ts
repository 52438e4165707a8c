/** What becomes of places and money when orders are paid, issued and refunded. */
import type { SaleEventOf } from '../../domain/sale/index.ts';
import { known, orderName, type SaleFold, sameCount } from './sale-fold.ts';

export function paid(
  sale: SaleFold,
  data: SaleEventOf<'OrderPaid'>,
  how: string,
  recordedAtMs: number,
): void {
  const { orderNumber, paymentNumber, amountMinor, places } = data;
  const order = known(sale, orderNumber, ['awaiting_payment'], how);
  sale.books.paid(paymentNumber, amountMinor, how, recordedAtMs);
  if (order === undefined) return;
  if (order.amountMinor !== amountMinor) {
    sale.findings.broken(
      'money',
      `order ${orderNumber} of ${order.amountMinor} was paid ${amountMinor} (${how})`,
    );
  }
  sameCount(sale, order.places, places, how);
  order.status = 'paid';
  order.paymentNumber = paymentNumber;
  sale.places.sell(orderName(orderNumber), places, how);
}

export function late(sale: SaleFold, data: SaleEventOf<'LatePaymentRefused'>, how: string): void {
  const order = known(sale, data.orderNumber, ['cancelled', 'expired', 'payment_refused'], how);
  if (order === undefined) return;
  order.status = 'payment_refused';
  order.paymentNumber = data.paymentNumber;
  order.refusal = data.code;
}

export function issued(
  sale: SaleFold,
  { orderNumber }: SaleEventOf<'TicketsIssued'>,
  how: string,
  recordedAtMs: number,
): void {
  const order = known(sale, orderNumber, ['paid'], how);
  const says = `order ${orderNumber}: ${how}`;
  sale.books.issued(order?.paymentNumber ?? sale.orders.get(orderNumber)?.paymentNumber, says, recordedAtMs);
  if (order !== undefined) order.status = 'issued';
}

export function refunded(
  sale: SaleFold,
  data: SaleEventOf<'OrderRefunded'>,
  how: string,
  recordedAtMs: number,
): void {
  const { orderNumber, paymentNumber, tickets, places, amountMinor } = data;
  sale.books.returned(paymentNumber, amountMinor, recordedAtMs);
  const order = known(sale, orderNumber, ['paid', 'issued'], how);
  if (order === undefined) return;
  const again = tickets.find((ticket) => order.refunded.has(ticket));
  if (again !== undefined)
    sale.findings.broken('money', `ticket ${again} of order ${orderNumber} refunded twice`);
  order.refunded = new Set([...order.refunded, ...tickets]);
  order.refundedMinor += amountMinor;
  if (order.refunded.size >= order.places.length) order.status = 'refunded';
  sale.limits.buyer(order.buyer, -tickets.length, how);
  for (const ticket of tickets) {
    const document = order.documents[ticket];
    if (document !== undefined) sale.limits.document(document, -1, how);
  }
  sale.places.free(orderName(orderNumber), places, 'sold', how);
}
