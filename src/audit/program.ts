/**
 * A program as it stood at a moment: stock, live holds, orders and money, folded from the log from the start of its sale
 * to that moment. Each event that moves stock names the places it moves, so nothing else is believed.
 */
import { capacityOf, type Place, saleStream } from '../domain/sale/index.ts';
import type { HoldToken, OrderNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import type { ProgramAudit, StockAnswer } from './answers.ts';
import { asOfAnswer } from './as-of.ts';
import { findHall, type Hall, placeOf } from './hall.ts';
import type { AuditLog, LogEvent, LogPage } from './log.ts';
import { isBy, type Moment } from './moment.ts';
import { addMoney, type MoneySums, moneyIn } from './money.ts';
import { evolveOrder, liveTickets, type OrderState, unknownOrder } from './order-state.ts';

export type ProgramQuestion = { readonly programId: ProgramId; readonly at?: Moment | undefined };

export type ProgramAnswer =
  | { readonly kind: 'program'; readonly audit: ProgramAudit }
  | { readonly kind: 'refused'; readonly code: 'sale_not_open'; readonly detail?: string };

type Deps = {
  readonly log: AuditLog;
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
};

/** Live holds, and orders that await payment, in one answer; all of them are counted. */
const MAX_LISTED = 100;

/** Rejects with what the log rejects with, and with the reason of the signal. */
export const auditProgram = async (
  deps: Deps,
  { programId, at }: ProgramQuestion,
): Promise<ProgramAnswer> => {
  const hall = await findHall(deps.log, programId);
  if (hall === undefined) return { kind: 'refused', code: 'sale_not_open' };
  deps.onNote?.('Reading the log from the start of the sale; that is some ten thousand events in a second.');
  const told: Told = { ...emptyProgram(hall), last: undefined, unreadable: [] };
  for await (const page of deps.log.all(hall.position)) {
    deps.signal?.throwIfAborted();
    told.unreadable.push(...page.unreadable);
    for (const event of page.events) if (isBy(at, event) && isOf(event, programId)) take(told, event);
    if (isPast(at, page)) break;
  }
  if (told.last === undefined) {
    return {
      kind: 'refused',
      code: 'sale_not_open',
      detail: 'At that moment the sale had not been started.',
    };
  }
  return { kind: 'program', audit: programAnswer(programId, at, hall, told) };
};

/** Nothing behind this page is of the moment: it is all later. */
const isPast = (at: Moment | undefined, { first, last }: LogPage): boolean =>
  at !== undefined && !isBy(at, first) && !isBy(at, last);

const isOf = (event: LogEvent, programId: ProgramId): boolean =>
  event.stream === saleStream(programId) || ('programId' in event.data && event.data.programId === programId);

type Hold = { readonly buyer: UserId; readonly places: readonly Place[]; readonly expiresAtMs: number };

/** Changed in place, event by event. */
export type ProgramState = {
  opensAtMs: number;
  closesAtMs: number;
  ended: boolean;
  readonly held: number[];
  readonly sold: number[];
  readonly holds: Map<HoldToken, Hold>;
  readonly orders: Map<OrderNumber, OrderState>;
};

type Told = ProgramState & { last: LogEvent | undefined; readonly unreadable: string[] };

export const emptyProgram = ({ terms }: Pick<Hall, 'terms'>): ProgramState => ({
  opensAtMs: terms.opensAtMs,
  closesAtMs: terms.closesAtMs,
  ended: false,
  held: terms.layout.map(() => 0),
  sold: terms.layout.map(() => 0),
  holds: new Map(),
  orders: new Map(),
});

const take = (told: Told, event: LogEvent): void => {
  told.last = event;
  evolveProgram(told, event);
};

/** Changes `state` in place. */
export const evolveProgram = (state: ProgramState, event: LogEvent): void => {
  switch (event.type) {
    case 'SaleStarted':
      return;
    case 'SaleRescheduled':
      state.opensAtMs = event.data.opensAtMs;
      state.closesAtMs = event.data.closesAtMs;
      return;
    case 'SaleEnded':
      state.ended = true;
      return;
    case 'SeatsHeld':
      move(event.data.places, state.held, 1);
      state.holds.set(event.data.holdToken, event.data);
      return;
    case 'HoldReleased':
    case 'HoldExpired':
      move(event.data.places, state.held, -1);
      state.holds.delete(event.data.holdToken);
      return;
    default:
      moveStock(state, event);
      state.orders.set(event.data.orderNumber, evolveOrder(orderOf(state, event.data.orderNumber), event));
  }
};

type OrderEvent = Extract<LogEvent, { readonly data: { readonly orderNumber: unknown } }>;

const orderOf = ({ orders }: ProgramState, orderNumber: OrderNumber): OrderState =>
  orders.get(orderNumber) ?? unknownOrder(orderNumber);

const moveStock = (state: ProgramState, event: OrderEvent): void => {
  switch (event.type) {
    case 'OrderPlaced': {
      const { tickets, holdToken } = event.data;
      const hold = holdToken === undefined ? undefined : state.holds.get(holdToken);
      // The places of the hold are the order's now.
      if (hold !== undefined) move(hold.places, state.held, -1);
      if (holdToken !== undefined) state.holds.delete(holdToken);
      move(
        tickets.map(({ category, seat }) => [category, seat]),
        state.held,
        1,
      );
      return;
    }
    case 'OrderCancelled':
    case 'OrderExpired':
      move(event.data.places, state.held, -1);
      return;
    case 'OrderReseated':
      move(event.data.places, state.held, 1);
      return;
    case 'OrderPaid':
      move(event.data.places, state.held, -1);
      move(event.data.places, state.sold, 1);
      return;
    case 'OrderRefunded':
      move(event.data.places, state.sold, -1);
      return;
    default:
  }
};

const move = (places: readonly Place[], counters: number[], by: number): void => {
  for (const [category] of places) counters[category] = (counters[category] ?? 0) + by;
};

const programAnswer = (
  programId: ProgramId,
  at: Moment | undefined,
  hall: Hall,
  told: Told,
): ProgramAudit => {
  const orders = [...told.orders.values()];
  const sums: MoneySums = new Map();
  for (const order of orders) addMoney(sums, order);
  return {
    programId,
    asOf: asOfAnswer(at, told.last),
    currency: hall.terms.currency,
    window: { opensAtMs: told.opensAtMs, closesAtMs: told.closesAtMs },
    ended: told.ended,
    stock: stockAnswer(hall, told),
    holds: holdsAnswer(hall, told),
    orders: {
      count: orders.length,
      byStatus: byStatus(orders),
      awaitingPayment: awaitingPayment(orders),
    },
    money: [...moneyIn(sums)],
    unreadable: told.unreadable,
  };
};

const stockAnswer = ({ terms }: Hall, { held, sold }: ProgramState): StockAnswer[] =>
  terms.layout.map((category, index) => {
    const [heldHere, soldHere, capacity] = [held[index] ?? 0, sold[index] ?? 0, capacityOf(category)];
    return {
      categoryId: category.id,
      priceMinor: category.priceMinor,
      capacity,
      held: heldHere,
      sold: soldHere,
      free: capacity - heldHere - soldHere,
    };
  });

const holdsAnswer = (hall: Hall, { holds }: ProgramState): ProgramAudit['holds'] => ({
  count: holds.size,
  places: [...holds.values()].reduce((sum, { places }) => sum + places.length, 0),
  first: [...holds]
    .sort(([, one], [, other]) => one.expiresAtMs - other.expiresAtMs)
    .slice(0, MAX_LISTED)
    .map(([holdToken, { buyer, places, expiresAtMs }]) => ({
      holdToken,
      buyer,
      places: places.map((place) => placeOf(hall, place)),
      expiresAtMs,
    })),
});

const byStatus = (orders: readonly OrderState[]): ProgramAudit['orders']['byStatus'] => {
  const counts: ProgramAudit['orders']['byStatus'] = {};
  for (const { status, tickets, amountMinor } of orders) {
    if (status === null) continue;
    const known = counts[status] ?? { orders: 0, tickets: 0, amountMinor: 0 };
    counts[status] = {
      orders: known.orders + 1,
      tickets: known.tickets + tickets.length,
      amountMinor: known.amountMinor + (amountMinor ?? 0),
    };
  }
  return counts;
};

const awaitingPayment = (orders: readonly OrderState[]): ProgramAudit['orders']['awaitingPayment'] =>
  orders
    .filter(({ status }) => status === 'awaiting_payment')
    .sort((one, other) => (one.deadlineMs ?? 0) - (other.deadlineMs ?? 0))
    .slice(0, MAX_LISTED)
    .map((order) => ({
      orderNumber: order.orderNumber,
      buyer: order.buyer,
      tickets: liveTickets(order).length,
      amountMinor: order.amountMinor ?? 0,
      deadlineMs: order.deadlineMs ?? 0,
    }));
