/** What becomes of places and money when orders are paid, issued and refunded. */
import type { EventRef } from './event-ref.ts';
import { isRefunded, type OrderInLog } from './orders.ts';
import { costMinor, known, orderName, type SaleFold, samePlaces } from './sale-fold.ts';
import type { Place, SaleData } from './stored-format.ts';

export function paid(sale: SaleFold, data: SaleData<'OrderPaid'>, by: EventRef): void {
  const { orderNumber, paymentNumber, amountMinor, places } = data;
  const before = sale.orders.get(orderNumber);
  if (before?.paymentNumber !== undefined && ['paid', 'issued', 'refunded'].includes(before.status)) {
    sale.findings.broken('order_paid_twice', `order ${orderNumber} was paid twice`, before.last, by);
    return;
  }
  const order = known(sale, orderNumber, ['awaiting_payment'], by);
  sale.books.paid(
    { orderNumber, paymentNumber, amountMinor, currency: sale.terms.currency, buyer: before?.buyer },
    by,
  );
  if (order === undefined) return;
  if (order.amountMinor !== amountMinor) {
    const text = `order ${orderNumber} of ${order.amountMinor} was paid ${amountMinor}`;
    sale.findings.broken('payment_amount_wrong', text, order.placedBy, by);
  }
  samePlaces(sale, order.places, places, orderName(orderNumber), by);
  order.status = 'paid';
  order.paymentNumber = paymentNumber;
  order.last = by;
  sale.places.sell(orderName(orderNumber), order.places, by);
}

export function late(sale: SaleFold, data: SaleData<'LatePaymentRefused'>, by: EventRef): void {
  const buyer = sale.orders.get(data.orderNumber)?.buyer;
  const order = known(sale, data.orderNumber, ['cancelled', 'expired'], by);
  const { orderNumber, paymentNumber, amountMinor } = data;
  const { currency } = sale.terms;
  sale.books.refused({ orderNumber, paymentNumber, amountMinor, currency, buyer }, by);
  if (order === undefined) return;
  order.status = 'payment_refused';
  order.paymentNumber = data.paymentNumber;
  order.refusal = data.code;
  order.last = by;
}

export function issued(sale: SaleFold, { orderNumber }: SaleData<'TicketsIssued'>, by: EventRef): void {
  const before = sale.orders.get(orderNumber);
  if (before?.issuedBy !== undefined) {
    const text = `the tickets of order ${orderNumber} were issued twice`;
    sale.findings.broken('tickets_issued_twice', text, before.issuedBy, by);
    return;
  }
  if (before?.status === 'awaiting_payment') {
    sale.books.issued(orderNumber, undefined, by);
    return;
  }
  const order = known(sale, orderNumber, ['paid'], by);
  if (order === undefined) return;
  sale.books.issued(orderNumber, order.paymentNumber, by);
  order.status = 'issued';
  order.issuedBy = by;
  order.last = by;
}

export function refunded(sale: SaleFold, data: SaleData<'OrderRefunded'>, by: EventRef): void {
  const { orderNumber, paymentNumber, tickets } = data;
  const before = sale.orders.get(orderNumber);
  const again = before && tickets.find((ticket) => isRefunded(before, ticket));
  if (again !== undefined) {
    const text = `ticket ${again} of order ${orderNumber} was refunded twice`;
    sale.findings.broken('ticket_refunded_twice', text, before?.last, by);
    return;
  }
  const order = known(sale, orderNumber, ['paid', 'issued'], by);
  if (order === undefined) return;
  if (order.paymentNumber !== paymentNumber) {
    const text = `order ${orderNumber} was paid by ${order.paymentNumber}, ${paymentNumber} is refunded`;
    sale.findings.broken('payment_of_another_order', text, order.last, by);
  }
  const places = placesOf(sale, order, data, by);
  giveBack(sale, order, tickets, places, by);
  sale.places.free(orderName(orderNumber), places, 'sold', by);
}

/** The places of these tickets; what the event says of them and of the money must be the same. */
function placesOf(
  sale: SaleFold,
  order: OrderInLog,
  { tickets, places: named, amountMinor }: SaleData<'OrderRefunded'>,
  by: EventRef,
): readonly Place[] {
  const places = tickets.flatMap((ticket): Place[] => {
    const place = order.places[ticket];
    return place === undefined ? [] : [place];
  });
  samePlaces(sale, places, named, orderName(order.orderNumber), by);
  const worth = costMinor(sale, places);
  if (worth !== amountMinor) {
    const text = `order ${order.orderNumber} gives back tickets of ${worth}, ${amountMinor} is refunded`;
    sale.findings.broken('refund_amount_wrong', text, order.placedBy, by);
  }
  return places;
}

function giveBack(
  sale: SaleFold,
  order: OrderInLog,
  tickets: readonly number[],
  places: readonly Place[],
  by: EventRef,
): void {
  const worth = costMinor(sale, places);
  if (order.paymentNumber !== undefined) sale.books.returned(order.paymentNumber, worth, by);
  for (const ticket of tickets) {
    order.refundedTickets |= 1 << ticket;
    const document = order.documents[ticket];
    if (document !== undefined) sale.limits.document(document, -1, by);
  }
  order.refundedMinor += worth;
  order.last = by;
  if (order.places.every((_, ticket) => isRefunded(order, ticket))) order.status = 'refunded';
  sale.limits.buyer(order.buyer, -places.length, by);
}
