/**
 * A program as it stood at a moment: stock, live holds, orders and money, folded from the log from the start of its sale
 * to that moment. Each event that moves stock names the places it moves, so nothing else is believed.
 */
import { capacityOf } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../domain/shared/ids.ts';
import type { Found, ProgramAudit, StockAnswer } from './answers.ts';
import { asOfAnswer } from './as-of.ts';
import { findHall, type Hall, placeOf, whyNoHall } from './hall.ts';
import type { LogEvent } from './log.ts';
import type { Moment } from './moment.ts';
import { addMoney, type MoneySums, moneyIn, moneyOf } from './money.ts';
import { liveTickets, type OrderState } from './order-state.ts';
import { readProgram } from './program-events.ts';
import type { ReadingDeps } from './program-reading.ts';
import { emptyProgram, evolveProgram, type ProgramState } from './program-state.ts';

export type ProgramQuestion = { readonly programId: ProgramId; readonly at?: Moment | undefined };

export type ProgramAnswer =
  | { readonly kind: 'program'; readonly audit: ProgramAudit }
  | {
      readonly kind: 'refused';
      readonly code: 'program_not_found' | 'sale_not_open';
      readonly detail?: string;
    };

type Deps = Omit<ReadingDeps, 'unsettled'>;

/** Live holds, and orders that await payment, in one answer; all of them are counted. */
const MAX_LISTED = 100;

/** Rejects with what the log rejects with, and with the reason of the signal. */
export const auditProgram = async (
  deps: Deps,
  { programId, at }: ProgramQuestion,
): Promise<ProgramAnswer> => {
  const hall = await findHall(deps.log, programId);
  if (hall === undefined) return { kind: 'refused', code: await whyNoHall(deps.log, programId) };
  const told: Told = { ...emptyProgram(hall), last: undefined };
  const unsettled = (): OrderNumber[] => unsettledOf(told);
  const found = await readProgram({ ...deps, unsettled }, { programId, at, hall }, (event) => {
    if (told.last === undefined || event.position > told.last.position) told.last = event;
    evolveProgram(told, event);
  });
  if (told.last === undefined) {
    return {
      kind: 'refused',
      code: 'sale_not_open',
      detail: 'At that moment the sale had not been started.',
    };
  }
  return { kind: 'program', audit: programAnswer({ programId, at }, hall, { ...told, found }) };
};

type Told = ProgramState & { last: LogEvent | undefined };

const unsettledOf = ({ orders }: ProgramState): OrderNumber[] =>
  [...orders.values()]
    .filter((order) => moneyOf(order).some(({ awaitingMinor }) => awaitingMinor !== 0))
    .map(({ orderNumber }) => orderNumber);

/** What the events came to. */
export const programAnswer = (
  { programId, at }: ProgramQuestion,
  hall: Hall,
  told: Told & { readonly found: Found },
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
    found: told.found,
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
