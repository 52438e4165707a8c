/**
 * The sale once more, slow and obvious: plain maps that follow the events and complain about the first one that
 * breaks an invariant. It shares no code with the state that it checks.
 */
import type { Layout, Place, SaleEvent, SaleEventOf, SaleTerms } from '../../../src/domain/sale/index.ts';

type Status = 'hold' | 'unpaid' | 'paid' | 'issued' | 'ended';
type ModelTicket = { place: Place; idDocument: string; priceMinor: number; index: number };
export type ModelBooking = {
  status: Status;
  buyer: string;
  tickets: ModelTicket[];
  capturedMinor: number;
  refundedMinor: number;
};

export type Model = {
  readonly terms: SaleTerms;
  /** When it sells now. */
  window: { readonly opensAtMs: number; readonly closesAtMs: number };
  readonly bookings: Map<string, ModelBooking>;
  readonly requests: Set<string>;
  readonly queued: Set<string>;
};

const LIVE: readonly Status[] = ['hold', 'unpaid', 'paid', 'issued'];

export function createModel(terms: SaleTerms): Model {
  return { terms, window: terms, bookings: new Map(), requests: new Set(), queued: new Set() };
}

/** Throws when the event breaks an invariant. */
export function follow(model: Model, event: SaleEvent): void {
  if ('queue' in event.data && event.data.queue !== undefined) {
    addOnce(model.queued, JSON.stringify(event.data.queue), 'decided twice');
  }
  apply(model, event);
  checkInvariants(model);
}

/** Throws when places were taken at a time at which nothing is sold. */
export function checkHours({ window }: Model, event: SaleEvent, nowMs: number): void {
  if (event.type !== 'SeatsHeld' && event.type !== 'OrderPlaced') return;
  if (nowMs < window.opensAtMs || nowMs >= window.closesAtMs) throw new Error(`${event.type} out of hours.`);
}

function apply(model: Model, event: SaleEvent): void {
  switch (event.type) {
    case 'SaleRescheduled':
      model.window = event.data;
      break;
    case 'SeatsHeld': {
      const { holdToken, buyer, places } = event.data;
      const tickets = places.map((place, index) => ({ place, idDocument: '', priceMinor: 0, index }));
      open(model, holdToken, { status: 'hold', buyer, tickets, capturedMinor: 0, refundedMinor: 0 });
      break;
    }
    case 'HoldReleased':
    case 'HoldExpired':
      end(model, event.data.holdToken, ['hold']);
      break;
    case 'OrderPlaced':
      placed(model, event.data);
      break;
    case 'OrderCancelled':
    case 'OrderExpired':
      end(model, event.data.orderNumber, ['unpaid']);
      break;
    case 'OrderReseated': {
      const order = inStatus(model, event.data.orderNumber, ['ended']);
      for (const [index, ticket] of order.tickets.entries())
        ticket.place = event.data.places[index] ?? [-1, null];
      order.status = 'unpaid';
      break;
    }
    case 'OrderPaid': {
      const order = inStatus(model, event.data.orderNumber, ['unpaid']);
      order.status = 'paid';
      order.capturedMinor = event.data.amountMinor;
      break;
    }
    case 'TicketsIssued':
      inStatus(model, event.data.orderNumber, ['paid']).status = 'issued';
      break;
    case 'OrderRefunded':
      refunded(model, event.data);
      break;
    default:
      break;
  }
}

function placed(model: Model, data: SaleEventOf<'OrderPlaced'>): void {
  addOnce(model.requests, data.requestId, 'placed twice');
  if (data.holdToken !== undefined) end(model, data.holdToken, ['hold']);
  const tickets = data.tickets.map(
    ({ category, seat, idDocument, priceMinor }, index): ModelTicket => ({
      place: [category, seat],
      idDocument,
      priceMinor,
      index,
    }),
  );
  if (tickets.length > model.terms.limits.perOrder) throw new Error('More tickets than an order may have.');
  const { orderNumber, buyer } = data;
  open(model, orderNumber, { status: 'unpaid', buyer, tickets, capturedMinor: 0, refundedMinor: 0 });
}

function refunded(model: Model, data: SaleEventOf<'OrderRefunded'>): void {
  const order = inStatus(model, data.orderNumber, ['paid', 'issued']);
  const given = order.tickets.filter((ticket) => data.tickets.includes(ticket.index));
  const amount = given.reduce((sum, ticket) => sum + ticket.priceMinor, 0);
  if (given.length !== data.tickets.length || amount !== data.amountMinor) throw new Error('A wrong refund.');
  order.refundedMinor += amount;
  order.tickets = order.tickets.filter((ticket) => !given.includes(ticket));
  if (order.tickets.length === 0) order.status = 'ended';
}

function checkInvariants(model: Model): void {
  const seats = new Set<string>();
  const documents = new Set<string>();
  const taken = new Map<number, number>();
  const ofBuyer = new Map<string, number>();
  for (const booking of model.bookings.values()) {
    if (!LIVE.includes(booking.status)) continue;
    ofBuyer.set(booking.buyer, (ofBuyer.get(booking.buyer) ?? 0) + booking.tickets.length);
    for (const { place, idDocument } of booking.tickets) {
      const [category, seat] = place;
      taken.set(category, (taken.get(category) ?? 0) + 1);
      if (seat !== null) addOnce(seats, String(seat), 'has two owners');
      const unique = model.terms.oneTicketPerIdDocument && booking.status !== 'hold';
      if (unique) addOnce(documents, idDocument, 'has two tickets');
    }
    checkMoney(booking);
  }
  for (const [category, count] of taken) {
    if (count > capacityOf(model.terms.layout, category))
      throw new Error(`Category ${category} is oversold.`);
  }
  for (const [buyer, count] of ofBuyer) {
    if (count > model.terms.limits.perBuyer) throw new Error(`${buyer} has more than a buyer may have.`);
  }
}

function checkMoney(booking: ModelBooking): void {
  if (booking.status === 'hold') return;
  const worth = booking.tickets.reduce((sum, ticket) => sum + ticket.priceMinor, 0);
  const kept = booking.capturedMinor - booking.refundedMinor;
  if (booking.status === 'unpaid' ? kept !== 0 : kept !== worth) throw new Error('Money does not add up.');
}

/** Blocked seats counted in: too high a bound for them, and they are never given. */
function capacityOf(layout: Layout, category: number): number {
  const terms = layout[category];
  return terms?.kind === 'general' ? terms.capacity : Number.MAX_SAFE_INTEGER;
}

/** Live places of each category, by whether they are sold. */
export function stockOf(model: Model): { held: number[]; sold: number[]; seats: Set<number> } {
  const held = model.terms.layout.map(() => 0);
  const sold = model.terms.layout.map(() => 0);
  const seats = new Set<number>();
  for (const { status, tickets } of model.bookings.values()) {
    if (status === 'ended') continue;
    const stock = status === 'paid' || status === 'issued' ? sold : held;
    for (const { place } of tickets) {
      stock[place[0]] = (stock[place[0]] ?? 0) + 1;
      if (place[1] !== null) seats.add(place[1]);
    }
  }
  return { held, sold, seats };
}

/** Those that have tickets which are paid for. */
export function paidOrdersIn(model: Model): Set<string> {
  const paid = [...model.bookings].filter(([, { status }]) => status === 'paid' || status === 'issued');
  return new Set(paid.map(([key]) => key));
}

/** The holds and orders there have been, in the words of the stories. */
export function knownTo(model: Model) {
  const orders: { order: string; buyer: string; amountMinor: number }[] = [];
  const holds: { hold: string; buyer: string }[] = [];
  for (const [key, { buyer, tickets }] of model.bookings) {
    const amountMinor = tickets.reduce((sum, ticket) => sum + ticket.priceMinor, 0);
    if (key.startsWith('hold-')) holds.push({ hold: key, buyer });
    else orders.push({ order: key, buyer, amountMinor });
  }
  return { orders, holds };
}

function open(model: Model, key: string, booking: ModelBooking): void {
  if (model.bookings.has(key)) throw new Error(`${key} is made twice.`);
  model.bookings.set(key, booking);
}

function end(model: Model, key: string, from: readonly Status[]): void {
  inStatus(model, key, from).status = 'ended';
}

function inStatus(model: Model, key: string, expected: readonly Status[]): ModelBooking {
  const booking = model.bookings.get(key);
  if (booking === undefined || !expected.includes(booking.status)) {
    throw new Error(`${key} is ${booking?.status ?? 'unknown'}, not ${expected.join(' or ')}.`);
  }
  return booking;
}

function addOnce(set: Set<string>, value: string, complaint: string): void {
  if (set.has(value)) throw new Error(`${value} ${complaint}.`);
  set.add(value);
}
