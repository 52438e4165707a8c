/** What becomes of places, limits and requests when seats are held, ordered and given back. */
import type { EventRef } from './event-ref.ts';
import type { OrderInLog } from './orders.ts';
import {
  costMinor,
  deadlineFits,
  expiredInTime,
  holdName,
  known,
  orderName,
  type SaleFold,
  samePlaces,
  withinHours,
} from './sale-fold.ts';
import type { Place, SaleData } from './stored-format.ts';

export function held(sale: SaleFold, data: SaleData<'SeatsHeld'>, by: EventRef): void {
  const { holdToken, buyer, places, expiresAtMs } = data;
  const name = holdName(holdToken);
  const before = sale.holdsTaken.get(holdToken);
  if (before !== undefined) {
    sale.findings.broken('hold_taken_twice', `${name} was taken twice`, before, by);
    return;
  }
  sale.holdsTaken.set(holdToken, by);
  const heldAtMs = expiresAtMs - sale.terms.holdTtlMs;
  withinHours(sale, name, heldAtMs, by);
  deadlineFits(sale, name, heldAtMs, by);
  sale.limits.ordered(name, places.length, by);
  sale.limits.buyer(buyer, places.length, by);
  sale.places.take({ name, since: by }, places, by);
  sale.holds.set(holdToken, { buyer, places, expiresAtMs, by });
}

export function holdEnded(sale: SaleFold, data: SaleData<'HoldReleased'>, by: EventRef): void {
  const { holdToken, places } = data;
  const name = holdName(holdToken);
  const hold = sale.holds.get(holdToken);
  if (hold === undefined) {
    const taken = sale.holdsTaken.get(holdToken);
    sale.findings.broken('contradicts_history', `${by.type} of ${name}, which nobody has`, taken, by);
    return;
  }
  samePlaces(sale, hold.places, places, name, by);
  if (by.type === 'HoldExpired')
    expiredInTime(sale, name, { deadlineMs: hold.expiresAtMs, since: hold.by }, by);
  sale.holds.delete(holdToken);
  sale.limits.buyer(hold.buyer, -hold.places.length, by);
  sale.places.free(name, hold.places, 'held', by);
}

export function placed(sale: SaleFold, data: SaleData<'OrderPlaced'>, by: EventRef): void {
  const { orderNumber, buyer, requestId, tickets, amountMinor, deadlineMs, holdToken, queue } = data;
  const { findings, limits, terms } = sale;
  const placedAtMs = deadlineMs - terms.paymentTtlMs;
  if (queue === undefined) sale.queue.placedDirectly(orderNumber, by);
  else sale.queue.placed(data, queue, { categoryIds: sale.hall.categoryIds, placedAtMs, by });
  const before = sale.orders.get(orderNumber);
  if (before !== undefined) {
    findings.broken('order_number_twice', `order ${orderNumber} was placed twice`, before.placedBy, by);
    return;
  }
  const places = tickets.map(({ category, seat }): Place => [category, seat]);
  const documents = terms.oneTicketPerIdDocument ? tickets.map(({ idDocument }) => idDocument) : [];
  const order: OrderInLog = {
    ...{ orderNumber, buyer, amountMinor, deadlineMs, documents, places, status: 'awaiting_payment' },
    ...{ placedBy: by, last: by, refundedTickets: 0, refundedMinor: 0 },
    ...{ paymentNumber: undefined, refusal: undefined, issuedBy: undefined },
  };
  sale.orders.set(orderNumber, order);
  requestedOnce(sale, requestId, order);
  withinHours(sale, orderName(orderNumber), placedAtMs, by);
  deadlineFits(sale, orderName(orderNumber), placedAtMs, by);
  limits.ordered(orderName(orderNumber), tickets.length, by);
  for (const document of documents) limits.document(document, 1, by);
  if (holdToken === undefined) {
    limits.buyer(buyer, tickets.length, by);
    sale.places.take({ name: orderName(orderNumber), since: by }, places, by);
  } else {
    takeOver(sale, holdToken, order, placedAtMs);
  }
  pricedRight(sale, data, places, by);
}

function requestedOnce({ findings, requests }: SaleFold, requestId: string, order: OrderInLog): void {
  const first = requests.get(requestId);
  if (first === undefined) {
    requests.set(requestId, order);
    return;
  }
  const text = `request ${requestId} became order ${first.orderNumber} and order ${order.orderNumber}`;
  findings.broken('request_ordered_twice', text, first.placedBy, order.placedBy);
}

function pricedRight(
  sale: SaleFold,
  { orderNumber, tickets, amountMinor }: SaleData<'OrderPlaced'>,
  places: readonly Place[],
  by: EventRef,
): void {
  const { findings, hall } = sale;
  const wrong = tickets.find(
    ({ category, priceMinor }) => hall.categories[category]?.priceMinor !== priceMinor,
  );
  if (wrong !== undefined) {
    const price = hall.categories[wrong.category]?.priceMinor ?? 'nothing';
    const text = `a ticket of order ${orderNumber} is ${wrong.priceMinor}, its category costs ${price}`;
    findings.broken('ticket_price_wrong', text, by);
  }
  const costs = costMinor(sale, places);
  if (amountMinor === costs) return;
  findings.broken(
    'order_amount_wrong',
    `order ${orderNumber} is ${amountMinor}, its places cost ${costs}`,
    by,
  );
}

function takeOver(sale: SaleFold, holdToken: string, order: OrderInLog, placedAtMs: number): void {
  const { findings } = sale;
  const { orderNumber, buyer, places, placedBy: by } = order;
  const hold = sale.holds.get(holdToken);
  if (hold === undefined) {
    const text = `order ${orderNumber} takes over ${holdName(holdToken)}, which nobody has`;
    findings.broken('contradicts_history', text, sale.holdsTaken.get(holdToken), by);
    sale.limits.buyer(buyer, places.length, by);
    sale.places.take({ name: orderName(orderNumber), since: by }, places, by);
    return;
  }
  if (hold.buyer !== buyer) {
    const text = `order ${orderNumber} of ${buyer} takes over ${holdName(holdToken)} of ${hold.buyer}`;
    findings.broken('hold_of_another_buyer', text, hold.by, by);
    sale.limits.buyer(hold.buyer, -places.length, by);
    sale.limits.buyer(buyer, places.length, by);
  }
  if (placedAtMs >= hold.expiresAtMs) {
    const text = `order ${orderNumber} takes over ${holdName(holdToken)} after its deadline`;
    findings.broken('hold_taken_late', text, hold.by, by);
  }
  samePlaces(sale, hold.places, places, holdName(holdToken), by);
  sale.holds.delete(holdToken);
  sale.places.hand(holdName(holdToken), { name: orderName(orderNumber), since: by }, places, by);
}

export function orderEnded(
  sale: SaleFold,
  { orderNumber, places }: SaleData<'OrderCancelled'>,
  status: 'cancelled' | 'expired',
  by: EventRef,
): void {
  const order = known(sale, orderNumber, ['awaiting_payment'], by);
  if (order === undefined) return;
  samePlaces(sale, order.places, places, orderName(orderNumber), by);
  if (status === 'expired') {
    const { deadlineMs, placedBy: since } = order;
    expiredInTime(sale, orderName(orderNumber), { deadlineMs, since }, by);
  }
  order.status = status;
  order.last = by;
  sale.limits.buyer(order.buyer, -order.places.length, by);
  for (const document of order.documents) sale.limits.document(document, -1, by);
  sale.places.free(orderName(orderNumber), order.places, 'held', by);
}

export function reseated(
  sale: SaleFold,
  { orderNumber, places, sameSeats }: SaleData<'OrderReseated'>,
  by: EventRef,
): void {
  const order = known(sale, orderNumber, ['cancelled', 'expired'], by);
  if (order === undefined) return;
  const name = orderName(orderNumber);
  withinHours(sale, name, undefined, by);
  if (sameSeats) samePlaces(sale, order.places, places, name, by);
  else sameCategories(sale, order, places, by);
  order.status = 'awaiting_payment';
  order.places = places;
  order.last = by;
  sale.limits.buyer(order.buyer, places.length, by);
  for (const document of order.documents) sale.limits.document(document, 1, by);
  sale.places.take({ name, since: by }, places, by);
}

/** Other seats, and each of what was paid for. */
function sameCategories(sale: SaleFold, order: OrderInLog, places: readonly Place[], by: EventRef): void {
  const of = (all: readonly Place[]): string => all.map(([category]) => category).join();
  if (of(order.places) === of(places)) return;
  const text = `order ${order.orderNumber} moves from categories ${of(order.places)} to ${of(places)}`;
  sale.findings.broken('places_differ', text, order.placedBy, by);
}

export function repeated(sale: SaleFold, data: SaleData<'OrderRepeated'>, by: EventRef): void {
  const { orderNumber, buyer, of, queue } = data;
  sale.queue.decided(orderNumber, buyer, queue, { kind: 'repeated', why: of, by });
  const first = sale.orders.get(of);
  if (first === undefined) {
    const text = `order ${orderNumber} is said to repeat order ${of}, which is not in the log`;
    sale.findings.broken('contradicts_history', text, by);
  } else if (first.buyer !== buyer) {
    const text = `order ${orderNumber} of ${buyer} is said to repeat order ${of} of ${first.buyer}`;
    sale.findings.broken('decided_for_another', text, first.placedBy, by);
  }
}

/** A number that is an order already can be refused only to somebody else who came with it. */
export function rejected(sale: SaleFold, data: SaleData<'OrderRejected'>, by: EventRef): void {
  const { orderNumber, buyer, code, queue } = data;
  sale.queue.decided(orderNumber, buyer, queue, { kind: 'rejected', why: code, by });
  const placedBefore = sale.orders.get(orderNumber);
  if (placedBefore === undefined || code === NUMBER_IN_USE) return;
  const text = `order ${orderNumber} was placed and rejected`;
  sale.findings.broken('decided_twice', text, placedBefore.placedBy, by);
}

/** The refusal of an order whose number another one has. */
const NUMBER_IN_USE = 'duplicate_order_number';
