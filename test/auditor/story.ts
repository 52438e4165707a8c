/** A small sale as the log tells it, and how to bend one event of it so that an invariant is broken. */

import { type AuditedLog, createLogAudit, type ViolationCode } from '../../src/auditor/index.ts';
import { laneStream, type OrderQueueEvent } from '../../src/domain/order-queue/index.ts';
import { type PaymentEvent, paymentEventSpecs, paymentStream } from '../../src/domain/payment/index.ts';
import type { ProgramEvent } from '../../src/domain/program/index.ts';
import { type SaleEvent, type SaleEventOf, saleStream } from '../../src/domain/sale/index.ts';
import type { StoredEvent } from '../../src/eventstore/index.ts';
import {
  ANN,
  BEN,
  HOLD_TTL_MS,
  idOf,
  NOW_MS,
  PAYMENT_TTL_MS,
  people,
  STALLS,
  started,
  terms,
} from '../domain/sale/fixtures.ts';

export { ANN, BEN };
export const PROGRAM = terms().programId;
export const SALE = saleStream(PROGRAM);
export const LANE = laneStream(0);
/** Of orders and queue entries. */
export const DEADLINE_MS = NOW_MS + PAYMENT_TTL_MS;
/** Later than every deadline of the story. */
export const END_MS = DEADLINE_MS + 60_000;

export type Told = {
  readonly stream: string;
  readonly event: SaleEvent | PaymentEvent | OrderQueueEvent | ProgramEvent;
  /** When it was recorded, where it matters. */
  readonly recordedAtMs?: number;
};

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

const charge = (number: number, amountMinor: number) => ({
  ...{ providerReference: `charge-${number}`, amountMinor, currency: 'CNY' },
});

export const requested = (number: number, amountMinor: number): Told =>
  inPayment(number, 'PaymentRequested', {
    ...{ amountMinor, currency: 'CNY', buyer: ANN, provider: 'simulated', requestedAtMs: 1 },
  });

export const captured = (number: number, amountMinor: number, change: object = {}): Told =>
  inPayment(number, 'PaymentCaptured', { ...charge(number, amountMinor), capturedAtMs: 1, ...change });

export const refundRequested = (number: number, amountMinor: number): Told =>
  inPayment(number, 'RefundRequested', {
    ...charge(number, amountMinor),
    ...{ refundId: 'refund', reason: 'order_ended', requestedAtMs: 1 },
  });

export const refundCompleted = (number: number, amountMinor: number): Told =>
  inPayment(number, 'RefundCompleted', {
    ...charge(number, amountMinor),
    refundId: 'refund',
    completedAtMs: 1,
  });

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

export const inProgram = (event: ProgramEvent): Told => ({ stream: `Program-${PROGRAM}`, event });

export const held = (token: string, seats: readonly number[], buyer = ANN): Told =>
  inSale({
    type: 'SeatsHeld',
    data: {
      ...{ holdToken: idOf.hold(token), buyer, places: placesOf(seats), together: 'row' },
      ...{ expiresAtMs: NOW_MS + HOLD_TTL_MS, content: 1 },
    },
  });

/** An order of these seats that was paid and got its tickets. */
export const sold = (number: number, seats: readonly number[]): Told[] => [
  placed(number, seats),
  requested(number, 500 * seats.length),
  captured(number, 500 * seats.length),
  paid(number, seats),
  issued(number),
];

/** As the log gives them: each with its place. */
export function logged(story: readonly Told[]): (Told['event'] & StoredEvent)[] {
  const revisions = new Map<string, bigint>();
  return story.map(({ stream, event, recordedAtMs = recordedAtMsOf(event) }, index) => {
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    const place = { id: `event-${index}`, stream, revision, position: BigInt(index) };
    return { ...event, ...place, recordedAtMs, metadata: { schemaVersion: 1 } };
  });
}

/** All at once, but what expires, which does so in its time. */
const recordedAtMsOf = ({ type }: Told['event']): number =>
  type === 'OrderExpired' || type === 'HoldExpired' ? DEADLINE_MS : NOW_MS;

export function auditOf(events: readonly StoredEvent[], dueBeforeMs = END_MS): AuditedLog {
  const audit = createLogAudit();
  for (const event of events) audit.take({ ...event, data: JSON.parse(JSON.stringify(event.data)) });
  return audit.close(dueBeforeMs);
}

/** What an audit found: each violation by its name, with the revisions and types of the events it names. */
export type Found = {
  readonly code: ViolationCode;
  readonly text: string;
  readonly events: readonly string[];
};

export const foundIn = ({ programs, findings }: AuditedLog): Found[] =>
  [...programs.flatMap((program) => program.findings), ...findings].flatMap(({ violations }) =>
    violations.map(({ code, text, events }) => ({
      ...{ code, text },
      events: events.map(({ type, revision }) => `${type} ${revision}`),
    })),
  );

/** The names of the violations in this story, long after its last deadline. */
export const brokenBy = (...story: readonly Told[]): ViolationCode[] =>
  foundIn(auditOf(logged(story))).map(({ code }) => code);
