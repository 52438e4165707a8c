/**
 * What happened to an order: every event that touched it, in log order, with what the order was behind each of them,
 * the hold it took over, and its money and places at the end.
 */
import { balanceOf, type PaymentState, payingCapture, paymentStatusOf } from '../domain/payment/index.ts';
import type { HoldToken, OrderNumber, ProgramId, TicketUserId } from '../domain/shared/ids.ts';
import { decodeNumber } from '../domain/shared/order-number.ts';
import type { OrderAudit, OrderFacts, OrderStep, PaymentAnswer } from './answers.ts';
import { asOfAnswer } from './as-of.ts';
import { findHall, type Hall, placeOf } from './hall.ts';
import { type AuditLog, downTo, type LogEvent, type OrderEvent } from './log.ts';
import { isBy, type Moment } from './moment.ts';
import { moneyOf } from './money.ts';
import { type Finding, type FoundEvents, findOrderEvents } from './order-events.ts';
import { evolveOrder, liveTickets, type OrderState, unknownOrder } from './order-state.ts';
import { type ShownPerson, type ShowPeople, unknownPerson } from './people.ts';
import { eventAnswer } from './says.ts';

export type OrderQuestion = {
  readonly orderNumber: OrderNumber;
  readonly at?: Moment | undefined;
  /** Spares a look through the whole log where there is no index. */
  readonly programId?: ProgramId | undefined;
  readonly unmasked: boolean;
};

export type OrderAnswer =
  | { readonly kind: 'order'; readonly audit: OrderAudit }
  /** Nothing of it is in the log, or was at that moment. */
  | { readonly kind: 'refused'; readonly code: 'order_not_found'; readonly detail?: string };

/** How long before an order its hold can have begun, beside the time the hold lasts: clocks differ. */
const CLOCKS_DIFFER_MS = 3_600_000;

/** Rejects with what the stores reject with, and with the reason of the signal. */
export const auditOrder = async (
  finding: Finding & { readonly people: ShowPeople },
  { orderNumber, at, programId, unmasked }: OrderQuestion,
): Promise<OrderAnswer> => {
  const { events: all, ...found } = await findOrderEvents(finding, orderNumber, programId);
  const events = all.filter((event) => isBy(at, event));
  if (events.length === 0) return notFound(all.length > 0, found.by);
  const state = events.reduce(evolveOrder, unknownOrder(orderNumber));
  const hall = state.programId === null ? undefined : await findHall(finding.log, state.programId);
  const placed = events.find(({ type }) => type === 'OrderPlaced');
  const held =
    placed && hall && state.holdToken && (await findHold(finding.log, placed, state.holdToken, hall));
  const people = await shownPeople(finding.people, state, unmasked);
  const audit: OrderAudit = {
    ...factsOf(state, hall),
    asOf: asOfAnswer(at, events.at(-1)),
    tickets: state.tickets.map(({ ticketUser, place, priceMinor, refunded }, index) => ({
      index,
      person: { ticketUser, ...(people.get(ticketUser) ?? unknownPerson) },
      place: placeOf(hall, place),
      priceMinor,
      refunded,
    })),
    payments: [...state.payments].flatMap(([number, payment]) => paymentAnswer(number, payment)),
    history: [
      ...(held ? [{ ...eventAnswer(held), after: null }] : []),
      ...stepsOf(orderNumber, events, hall),
    ],
    found: { ...found, indexProblems: [...found.indexProblems], unreadable: [...found.unreadable] },
  };
  return { kind: 'order', audit };
};

const notFound = (isLater: boolean, by: FoundEvents['by']): OrderAnswer => {
  const refused = { kind: 'refused', code: 'order_not_found' } as const;
  if (isLater) return { ...refused, detail: 'At that moment there was no such order yet.' };
  return by === 'index' ? { ...refused, detail: ONLY_INDEXED } : refused;
};

/** Everything since is sought where a number may be made up: reading all of it for each of those would take too long. */
const ONLY_INDEXED =
  'The index has nothing of it; the log itself was not looked through. Name its program, or use --log-only.';

/** What an order is, without its history. */
export const factsOf = (state: OrderState, hall: Hall | undefined): OrderFacts => ({
  orderNumber: state.orderNumber,
  madeAtMs: decodeNumber(state.orderNumber).timeMs,
  programId: state.programId,
  buyer: state.buyer,
  mode: state.mode,
  status: state.status,
  refusal: state.refusal,
  repeats: state.repeats,
  currency: hall?.terms.currency ?? null,
  amountMinor: state.amountMinor,
  deadlineMs: state.deadlineMs,
  money: [...moneyOf(state)],
});

const stepsOf = (
  orderNumber: OrderNumber,
  events: readonly OrderEvent[],
  hall: Hall | undefined,
): OrderStep[] => {
  let state = unknownOrder(orderNumber);
  return events.map((event) => {
    state = evolveOrder(state, event);
    const { status, deadlineMs } = state;
    const places = liveTickets(state).map(({ place }) => placeOf(hall, place));
    return { ...eventAnswer(event), after: { status, places, deadlineMs, money: [...moneyOf(state)] } };
  });
};

/** Backwards from the order: its hold is at most as old as holds get. */
const findHold = async (
  log: AuditLog,
  placed: OrderEvent,
  holdToken: HoldToken,
  { terms }: Hall,
): Promise<LogEvent | undefined> => {
  const sinceMs = placed.recordedAtMs - terms.holdTtlMs - CLOCKS_DIFFER_MS;
  for await (const { events } of downTo(log.readBackwards(placed.stream, placed.revision), sinceMs)) {
    const held = events.find((event) => event.type === 'SeatsHeld' && event.data.holdToken === holdToken);
    if (held !== undefined) return held;
  }
  return undefined;
};

const shownPeople = async (
  show: ShowPeople,
  { buyer, tickets }: OrderState,
  unmasked: boolean,
): Promise<ReadonlyMap<TicketUserId, ShownPerson>> =>
  buyer === null || tickets.length === 0
    ? new Map()
    : show(
        buyer,
        tickets.map(({ ticketUser }) => ticketUser),
        unmasked,
      );

const paymentAnswer = (paymentNumber: string, state: PaymentState): PaymentAnswer[] => {
  if (state.kind === 'unrequested') return [];
  const { provider, currency, amountMinor } = state.request;
  const paying = payingCapture(state);
  const balance = paying && balanceOf(state, paying);
  return [
    {
      ...{ paymentNumber, provider, status: paymentStatusOf(state), currency, amountMinor },
      capturedMinor: balance?.capturedMinor ?? 0,
      refundedMinor: balance?.refundedMinor ?? 0,
      refundingMinor: balance?.refundingMinor ?? 0,
      strays: state.captures.filter(({ stray }) => stray !== null).length,
    },
  ];
};
