/** A small sale as the log tells it, and how to bend one event of it so that a promise is broken. */
import { laneStream, type OrderQueueEvent } from '../../../src/domain/order-queue/index.ts';
import { type PaymentEvent, paymentEventSpecs, paymentStream } from '../../../src/domain/payment/index.ts';
import { type SaleEvent, type SaleEventOf, saleStream } from '../../../src/domain/sale/index.ts';
import { createFindings, type PromiseName } from '../../../src/rush/check/findings.ts';
import { createLogFold, type Folded, type LogEvent } from '../../../src/rush/check/fold.ts';
import { type Acknowledged, judgeAcknowledged, judgeEnds } from '../../../src/rush/check/judge.ts';
import { ANN, BEN, idOf, people, STALLS, started, terms } from '../../domain/sale/fixtures.ts';

export { ANN, BEN };
export const PROGRAM = terms().programId;
export const SALE = saleStream(PROGRAM);
export const LANE = laneStream(0);
export const RECORDED_AT_MS = 1_000;
export const DEADLINE_MS = 5_000;
/** Later than every deadline of the story. */
export const END_MS = 60_000;

export type Told = { readonly stream: string; readonly event: SaleEvent | PaymentEvent | OrderQueueEvent };

export const inSale = (event: SaleEvent): Told => ({ stream: SALE, event });

export const begun = (change: Parameters<typeof started>[0] = {}): Told => inSale(started(change));

type Placed = SaleEventOf<'OrderPlaced'>;

/** Ann's order of these seats of the stalls, for as many people from the number on. */
export const placed = (number: number, seats: readonly number[], change: Partial<Placed> = {}): Told =>
  inSale({
    type: 'OrderPlaced',
    data: {
      orderNumber: idOf.order(number),
      buyer: ANN,
      requestId: idOf.request(number),
      content: 1,
      tickets: people(...seats.map((_, index) => number * 10 + index)).map((person, index) => ({
        ...person,
        category: STALLS,
        seat: seats[index] ?? 0,
        priceMinor: idOf.money(500),
      })),
      amountMinor: idOf.money(500 * seats.length),
      together: 'row',
      deadlineMs: DEADLINE_MS,
      ...change,
    },
  });

export const placesOf = (seats: readonly number[]): [number, number][] => seats.map((seat) => [STALLS, seat]);

export const expired = (number: number, seats: readonly number[]): Told =>
  inSale({ type: 'OrderExpired', data: { orderNumber: idOf.order(number), places: placesOf(seats) } });

export const paid = (number: number, seats: readonly number[], amountMinor = 500 * seats.length): Told =>
  inSale({
    type: 'OrderPaid',
    data: {
      orderNumber: idOf.order(number),
      paymentNumber: idOf.payment(number + 100),
      amountMinor: idOf.money(amountMinor),
      places: placesOf(seats),
    },
  });

export const issued = (number: number): Told =>
  inSale({ type: 'TicketsIssued', data: { orderNumber: idOf.order(number) } });

export const refunded = (number: number, tickets: number[], seats: readonly number[]): Told =>
  inSale({
    type: 'OrderRefunded',
    data: {
      orderNumber: idOf.order(number),
      paymentNumber: idOf.payment(number + 100),
      tickets,
      places: placesOf(seats),
      amountMinor: idOf.money(500 * tickets.length),
    },
  });

/** Parsed by the stored schema, so that a forged event is one that a log could have. */
export const inPayment = (number: number, type: PaymentEvent['type'], data: object): Told => {
  const spec = paymentEventSpecs.find((candidate) => candidate.type === type);
  const paymentNumber = idOf.payment(number + 100);
  const subject = { paymentNumber, orderNumber: idOf.order(number), programId: PROGRAM };
  const event = { type, data: spec?.schema.parse({ ...subject, ...data }) } as PaymentEvent;
  return { stream: paymentStream(paymentNumber), event };
};

const charge = (amountMinor: number) => ({ providerReference: 'charge', amountMinor, currency: 'CNY' });

export const requested = (number: number, amountMinor: number): Told =>
  inPayment(number, 'PaymentRequested', {
    ...{ amountMinor, currency: 'CNY', buyer: ANN, provider: 'simulated', requestedAtMs: 1 },
  });

export const captured = (number: number, amountMinor: number): Told =>
  inPayment(number, 'PaymentCaptured', { ...charge(amountMinor), capturedAtMs: 1 });

export const refundRequested = (number: number, amountMinor: number): Told =>
  inPayment(number, 'RefundRequested', {
    ...charge(amountMinor),
    ...{ refundId: 'refund', reason: 'order_ended', requestedAtMs: 1 },
  });

export const refundCompleted = (number: number, amountMinor: number): Told =>
  inPayment(number, 'RefundCompleted', { ...charge(amountMinor), refundId: 'refund', completedAtMs: 1 });

export const queued = (number: number, change: Partial<OrderQueueEvent['data']> = {}): Told => ({
  stream: LANE,
  event: {
    type: 'OrderQueued',
    data: {
      orderNumber: idOf.order(number),
      programId: PROGRAM,
      buyer: ANN,
      requestId: idOf.request(number),
      ticketUsers: people(number * 10),
      want: { by: 'category', category: idOf.category('stalls'), count: 1 },
      deadlineMs: DEADLINE_MS,
      ...change,
    },
  },
});

/** Two orders, one paid and issued, of which a ticket goes back, and one that expired. */
export const soundStory = (): Told[] => [
  begun(),
  placed(1, [0, 1]),
  placed(2, [2], { buyer: BEN }),
  requested(1, 1_000),
  captured(1, 1_000),
  paid(1, [0, 1]),
  issued(1),
  expired(2, [2]),
  refunded(1, [1], [1]),
  refundRequested(1, 500),
  refundCompleted(1, 500),
];

/** As the log gives them: each with its place. */
export function logged(story: readonly Told[]): LogEvent[] {
  const revisions = new Map<string, bigint>();
  return story.map(({ stream, event }) => {
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    return { ...event, stream, revision, recordedAtMs: RECORDED_AT_MS };
  });
}

export function foldOf(story: readonly Told[], findings = createFindings()): Folded {
  const fold = createLogFold(findings);
  for (const event of logged(story)) fold.apply(event);
  return fold.close(END_MS);
}

/** Which promises this story breaks, with the examples, long after its last deadline. */
export function brokenBy(
  story: readonly Told[],
  acknowledged: readonly Acknowledged[] = [],
): Partial<Record<PromiseName, readonly string[]>> {
  const findings = createFindings();
  const folded = foldOf(story, findings);
  judgeEnds(folded, END_MS, findings);
  judgeAcknowledged(folded, acknowledged, END_MS, findings);
  const broken = findings.all().filter(({ ok }) => !ok);
  return Object.fromEntries(broken.map(({ name, examples }) => [name, examples]));
}
