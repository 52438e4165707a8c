/** Every order of a buyer with what it came to: each folded from its own events, wherever its number was found. */
import type { OrderNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import { geneOf, geneOfOrder } from '../domain/shared/order-number.ts';
import type { BuyerAudit, OrderOfBuyer } from './answers.ts';
import { asOfAnswer, placeAnswer } from './as-of.ts';
import { findHall, type Hall, placeOf } from './hall.ts';
import { byPosition, type LogPage, type OrderEvent } from './log.ts';
import { isBy, type Moment } from './moment.ts';
import { addMoney, type MoneySums, moneyIn } from './money.ts';
import { factsOf } from './order.ts';
import { type Finding, type FoundEvents, findOrderEvents, type OrderIndex } from './order-events.ts';
import { evolveOrder, liveTickets, type OrderState, unknownOrder } from './order-state.ts';

/** In one answer; older ones are in the next. */
export const MAX_ORDERS_OF_BUYER = 200;
const AT_A_TIME = 8;

export type BuyerIndex = OrderIndex & {
  /** How far the list of a buyer's orders goes; undefined where it is not to be relied on. */
  readonly ordersUpTo: () => Promise<bigint | undefined>;
  /** The newest first, at most `limit`, and only those before this one. */
  readonly ordersOf: (
    buyer: UserId,
    before: OrderNumber | undefined,
    limit: number,
  ) => Promise<readonly OrderNumber[]>;
};

export type BuyerQuestion = {
  readonly buyer: UserId;
  readonly at?: Moment | undefined;
  /** Only orders with smaller, which is older, numbers. */
  readonly before?: OrderNumber | undefined;
};

type Deps = Finding & { readonly index?: BuyerIndex | undefined };
type BuyersOrder = { readonly events: readonly OrderEvent[]; readonly state: OrderState };

/** A buyer without orders gets an empty list. Rejects with what the stores reject with, and the signal's reason. */
export const auditBuyer = async (deps: Deps, { buyer, at, before }: BuyerQuestion): Promise<BuyerAudit> => {
  const found = (await byIndex(deps, buyer, before)) ?? (await byLog(deps, buyer, before));
  const halls = new Map<ProgramId, Hall | undefined>();
  const orders: OrderOfBuyer[] = [];
  const sums: MoneySums = new Map();
  let last: OrderEvent | undefined;
  const listed = found.orders.flatMap((events) => orderAt(events, buyer, at)).sort(newestFirst);
  for (const { events, state } of listed.slice(0, MAX_ORDERS_OF_BUYER)) {
    orders.push(orderAnswer(state, events, await hallOf(deps, halls, state.programId)));
    addMoney(sums, state);
    const newest = events.at(-1);
    if (newest !== undefined && (last === undefined || byPosition(last, newest) < 0)) last = newest;
  }
  const { by, indexProblems, unreadable } = found;
  return {
    buyer,
    asOf: asOfAnswer(at, last),
    orders,
    more: found.more || listed.length > MAX_ORDERS_OF_BUYER,
    money: [...moneyIn(sums)],
    found: { by, indexProblems: [...indexProblems], unreadable: [...unreadable] },
  };
};

const orderAt = (all: readonly OrderEvent[], buyer: UserId, at: Moment | undefined): BuyersOrder[] => {
  const events = all.filter((event) => isBy(at, event));
  const first = events[0];
  if (first === undefined) return [];
  const state = events.reduce(evolveOrder, unknownOrder(first.data.orderNumber));
  return state.buyer === buyer ? [{ events, state }] : [];
};

const newestFirst = (one: BuyersOrder, other: BuyersOrder): number =>
  BigInt(one.state.orderNumber) > BigInt(other.state.orderNumber) ? -1 : 1;

const isBefore = (orderNumber: OrderNumber, before: OrderNumber | undefined): boolean =>
  before === undefined || BigInt(orderNumber) < BigInt(before);

type Found = Omit<FoundEvents, 'events'> & {
  /** The events of each order. */
  readonly orders: readonly (readonly OrderEvent[])[];
  readonly more: boolean;
};

const byIndex = async (
  deps: Deps,
  buyer: UserId,
  before: OrderNumber | undefined,
): Promise<Found | undefined> => {
  const { index } = deps;
  const upTo = await index?.ordersUpTo();
  if (index === undefined || upTo === undefined) return undefined;
  const numbers = await index.ordersOf(buyer, before, MAX_ORDERS_OF_BUYER + 1);
  const wanted = new Set(numbers.slice(0, MAX_ORDERS_OF_BUYER));
  for (const number of await ordersSince(deps, buyer, upTo)) if (isBefore(number, before)) wanted.add(number);
  const all = [...wanted];
  const found: FoundEvents[] = [];
  const unknown: OrderNumber[] = [];
  for (let from = 0; from < all.length; from += AT_A_TIME) {
    const some = all.slice(from, from + AT_A_TIME);
    const ofThese = await Promise.all(some.map((number) => findOrderEvents(deps, number)));
    found.push(...ofThese);
    unknown.push(...some.filter((_, at) => ofThese[at]?.events.length === 0));
  }
  if (unknown.length > 0) {
    const indexProblems = unknown.map((number) => `The index lists order ${number} and has no event of it.`);
    return { ...(await byLog(deps, buyer, before)), indexProblems };
  }
  return {
    orders: found.map(({ events }) => events),
    more: numbers.length > MAX_ORDERS_OF_BUYER,
    by: 'index',
    indexProblems: found.flatMap(({ indexProblems }) => indexProblems),
    unreadable: [...new Set(found.flatMap(({ unreadable }) => unreadable))],
  };
};

/** Orders that the list does not have yet. */
const ordersSince = async (
  { log, signal }: Finding,
  buyer: UserId,
  upTo: bigint,
): Promise<Set<OrderNumber>> => {
  const orders = new Set<OrderNumber>();
  for await (const page of log.allBackwards()) {
    signal?.throwIfAborted();
    for (const event of ordersEvents(page, buyer))
      if (event.position > upTo) orders.add(event.data.orderNumber);
    if (page.last.position <= upTo) break;
  }
  return orders;
};

/** Through the whole log: a buyer may have ordered at any time. */
const byLog = async (deps: Deps, buyer: UserId, before: OrderNumber | undefined): Promise<Found> => {
  deps.onNote?.('Looking through the whole log; that is some ten thousand events in a second.');
  const byOrder = new Map<OrderNumber, OrderEvent[]>();
  const unreadable: string[] = [];
  for await (const page of deps.log.all('start')) {
    deps.signal?.throwIfAborted();
    unreadable.push(...page.unreadable);
    for (const event of ordersEvents(page, buyer)) {
      const { orderNumber } = event.data;
      if (!isBefore(orderNumber, before)) continue;
      const events = byOrder.get(orderNumber);
      if (events === undefined) byOrder.set(orderNumber, [event]);
      else events.push(event);
    }
  }
  return { orders: [...byOrder.values()], more: false, by: 'log', indexProblems: [], unreadable };
};

/** Of orders that have the buyer's gene in their number: among them are all of the buyer's. */
const ordersEvents = ({ events }: LogPage, buyer: UserId): readonly OrderEvent[] => {
  const gene = geneOf(buyer);
  return events.filter(
    (event): event is OrderEvent =>
      'orderNumber' in event.data && geneOfOrder(event.data.orderNumber) === gene,
  );
};

const hallOf = async (
  { log }: Finding,
  known: Map<ProgramId, Hall | undefined>,
  programId: ProgramId | null,
): Promise<Hall | undefined> => {
  if (programId === null) return undefined;
  if (!known.has(programId)) known.set(programId, await findHall(log, programId));
  return known.get(programId);
};

const orderAnswer = (
  state: OrderState,
  events: readonly OrderEvent[],
  hall: Hall | undefined,
): OrderOfBuyer => {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) throw new Error('An order has an event.');
  return {
    ...factsOf(state, hall),
    places: liveTickets(state).map(({ place }) => placeOf(hall, place)),
    firstEvent: placeAnswer(first),
    lastEvent: placeAnswer(last),
  };
};
