/**
 * Runs what people wanted of a sale through the sale's own rules, under a clock that goes by the log: everybody comes
 * when they came. Deadlines follow the settings; who gets nothing does nothing further. Pure: the same demand and
 * settings give the same events.
 */
import {
  orderInSale,
  type PlaceOrder,
  type SaleCommand,
  type SaleEvent,
  type SaleState,
  saleDeciderWith,
  seatPolicies,
} from '../domain/sale/index.ts';
import { type OrderNumber, type PaymentNumber, paymentNumberSchema } from '../domain/shared/ids.ts';
import { type Ended, holdKey } from './bookings.ts';
import type { Demand, Wanted } from './demand.ts';
import { createTally, type Figures, type Tally } from './figures.ts';
import { createSchedule, isBefore, type Schedule } from './schedule.ts';
import { type Settings, termsUnder } from './settings.ts';

export type Replayed = {
  readonly events: readonly SaleEvent[];
  readonly figures: Figures;
  /** Orders that were refused then and placed now: what they did next is taken from others. */
  readonly newcomers: number;
};

/** Behind everything that is recorded for the same moment. */
const LAST = Number.MAX_SAFE_INTEGER;

type Run = {
  readonly demand: Demand;
  readonly decide: ReturnType<typeof saleDeciderWith>;
  readonly tally: Tally;
  readonly later: Schedule<Wanted>;
  readonly events: SaleEvent[];
  /** Orders and holds that are had in this run. */
  readonly had: Set<string>;
  readonly habits: readonly Ended[];
  readonly usualLagMs: number;
  state: SaleState;
  newcomers: number;
};

export function replay(demand: Demand, settings: Settings): Replayed {
  const decide = saleDeciderWith(seatPolicies[settings.seatPolicy]);
  const run: Run = {
    ...{ demand, decide, tally: createTally(), later: createSchedule<Wanted>(), events: [], had: new Set() },
    habits: habitsIn(demand),
    usualLagMs: usualLagMs(demand),
    state: decide.initial(),
    newcomers: 0,
  };
  for (const wanted of demand.wanted) {
    runUntil(run, wanted);
    const { command } = wanted;
    const isStart = command.type === 'StartSale';
    const terms = isStart ? termsUnder(command.terms, settings) : undefined;
    take(run, terms === undefined ? wanted : { ...wanted, command: { type: 'StartSale', terms } });
  }
  runUntil(run, { atMs: demand.untilMs, order: LAST, command: { type: 'EndSale', nowMs: 0 } });
  return { events: run.events, figures: run.tally.figures(run.state), newcomers: run.newcomers };
}

/** What is due before this comes. */
function runUntil(run: Run, next: Wanted): void {
  for (let due = run.later.peek(); due !== undefined && isBefore(due, next); due = run.later.peek()) {
    run.later.take();
    take(run, due);
  }
}

function take(run: Run, wanted: Wanted): void {
  const { command, follows } = wanted;
  // Who got nothing does nothing further.
  if (follows !== undefined && !run.had.has(follows)) return;
  if (command.type === 'ConfirmPayment' && wanted.comesLate === undefined) {
    if (!awaitsPayment(run.state, command.orderNumber)) {
      run.tally.lost('tooLateToPay');
      return;
    }
  }
  const { outcome, events } = run.decide.decide(command, run.state);
  for (const event of events) {
    run.state = run.decide.evolve(run.state, event);
    run.events.push(event);
    run.tally.happened(event);
    follow(run, event, wanted);
  }
  if (events.length > 0) return;
  if (outcome.kind === 'refused') {
    if (command.type === 'PlaceOrder') run.tally.refused('orders', outcome.code);
    if (command.type === 'HoldSeats') run.tally.refused('holds', outcome.code);
  }
  if (outcome.kind === 'refund_due') run.tally.lost('latePaymentsRefused');
}

function awaitsPayment(state: SaleState, orderNumber: OrderNumber): boolean {
  const order = orderInSale(state, orderNumber);
  return order.kind === 'found' && order.status === 'awaiting_payment';
}

/** Deadlines begin with what is taken, and so does what a newcomer will do. */
function follow(run: Run, event: SaleEvent, { atMs }: Wanted): void {
  if (event.type === 'SeatsHeld') {
    const { holdToken, expiresAtMs } = event.data;
    const key = holdKey(holdToken);
    run.had.add(key);
    expireLater(run, key, expiresAtMs, (nowMs) => ({ type: 'ExpireHold', nowMs, holdToken }));
  }
  if (event.type !== 'OrderPlaced') return;
  const { orderNumber, deadlineMs, buyer, amountMinor } = event.data;
  run.had.add(orderNumber);
  expireLater(run, orderNumber, deadlineMs, (nowMs) => ({ type: 'ExpireOrder', nowMs, orderNumber }));
  if (run.demand.ended.has(orderNumber)) return;
  run.newcomers += 1;
  const habit = run.habits[hashOf(orderNumber) % Math.max(1, run.habits.length)];
  if (habit === undefined) return;
  const add = (delayMs: number, command: SaleCommand): void =>
    run.later.add({ atMs: atMs + delayMs, order: LAST - 1, follows: orderNumber, command });
  if (habit.ending === 'cancelled') {
    add(habit.endedAtMs - habit.atMs, { type: 'CancelOrder', orderNumber, buyer });
  } else if (habit.paidAtMs !== undefined) {
    const paymentNumber: PaymentNumber = paymentNumberSchema.parse(orderNumber);
    add(habit.paidAtMs - habit.atMs, { type: 'ConfirmPayment', orderNumber, paymentNumber, amountMinor });
  }
}

/**
 * As late behind the deadline as it was in the record. Where nothing expired then, as late as is usual, and later
 * than whatever is known to have come before.
 */
function expireLater(
  run: Run,
  key: string,
  deadlineMs: number,
  command: (nowMs: number) => SaleCommand,
): void {
  const then = run.demand.ended.get(key);
  const didExpire = then?.ending === 'expired';
  const lastSeenMs = then === undefined ? 0 : Math.min(then.endedAtMs, run.demand.untilMs);
  const atLeastMs = then === undefined ? 0 : lastSeenMs - then.deadlineMs + 1;
  const lagMs = didExpire ? then.endedAtMs - then.deadlineMs : Math.max(run.usualLagMs, atLeastMs);
  const atMs = deadlineMs + lagMs;
  const order = didExpire ? then.order : LAST - 1;
  run.later.add({ atMs, order, command: command(Math.max(atMs, deadlineMs)) });
}

/** The median of how late expiries were, in ms; 0 where nothing expired. */
function usualLagMs({ ended }: Demand): number {
  const lags = [...ended.values()]
    .filter(({ ending }) => ending === 'expired')
    .map(({ endedAtMs, deadlineMs }) => Math.max(0, endedAtMs - deadlineMs))
    .sort((one, other) => one - other);
  return lags[lags.length >> 1] ?? 0;
}

/** Orders whose story is known to its end, in the order they were placed. */
const habitsIn = ({ ended, wanted }: Demand): readonly Ended[] =>
  wanted.flatMap(({ command }) => {
    const habit = command.type === 'PlaceOrder' ? ended.get(command.orderNumber) : undefined;
    return habit === undefined || habit.ending === 'open' ? [] : [habit];
  });

/** FNV-1a: spreads numbers that differ in few digits. */
function hashOf(orderNumber: PlaceOrder['orderNumber']): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < orderNumber.length; index += 1) {
    hash = Math.imul(hash ^ orderNumber.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
