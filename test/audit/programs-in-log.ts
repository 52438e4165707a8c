/** Logs in which several programs sell at the same time, two of them through one lane, with payments as engines number them. */
import fc from 'fast-check';
import { paymentNumberOf } from '../../src/commands/payment-number.ts';
import { laneOf, laneStream } from '../../src/domain/order-queue/index.ts';
import { paymentStream } from '../../src/domain/payment/index.ts';
import { saleStream } from '../../src/domain/sale/index.ts';
import { type OrderNumber, type PaymentNumber, programIdSchema } from '../../src/domain/shared/ids.ts';
import type { EventStore, StoredEvent } from '../../src/eventstore/index.ts';
import { PROGRAM } from '../auditor/story.ts';
import { wholeProgram } from '../auditor/whole-program.ts';
import { someTerms, steps } from '../domain/sale/arbitraries.ts';
import { idOf } from '../domain/sale/fixtures.ts';

type Stored = { readonly stream: string; readonly type: string; readonly data: Record<string, unknown> };

const FIRST = programIdSchema.parse('swan-lake');
/** The lane of the first has entries of another one, too. */
const IN_ITS_LANE = programIdSchema.parse(
  Array.from({ length: 1_000 }, (_, nth) => `giselle-${nth}`).find(
    (name) => laneOf(programIdSchema.parse(name)) === laneOf(FIRST),
  ),
);
export const PROGRAMS = [FIRST, IN_ITS_LANE, programIdSchema.parse('nutcracker')];

const ORDERS_OF_PROGRAM = 100_000_000n;

/** What is beside the plain course of things: at which of the events, and what. */
const twists = fc.array(
  fc.record({ at: fc.nat(), what: fc.constantFrom('queued', 'failed', 'stray', 'stray', 'late') }),
  { maxLength: 12 },
);
type Twist = { readonly at: number; readonly what: 'queued' | 'failed' | 'stray' | 'late' };

const program = (nth: number, maxSteps: number): fc.Arbitrary<Stored[]> =>
  fc
    .tuple(someTerms, steps(maxSteps), twists)
    .map(([terms, story, beside]) =>
      renamed(twisted(payable(storedOf(wholeProgram(terms, story))), beside), nth),
    );

const storedOf = (story: ReturnType<typeof wholeProgram>): Stored[] =>
  story.map(({ stream, event }) => ({
    stream,
    type: event.type,
    data: JSON.parse(JSON.stringify(event.data)),
  }));

/** Random commands pay orders that are not there; nobody lets buyers do that. */
const payable = (story: readonly Stored[]): Stored[] => {
  const placed = new Set<unknown>();
  const unpayable = new Set<unknown>();
  return story.filter(({ type, stream, data: { orderNumber, paymentNumber } }) => {
    if (type === 'OrderPlaced') placed.add(orderNumber);
    if (type === 'PaymentRequested' && !placed.has(orderNumber)) unpayable.add(paymentNumber);
    return !stream.startsWith('Payment-') || !unpayable.has(paymentNumber);
  });
};

const twisted = (story: readonly Stored[], beside: readonly Twist[]): Stored[] => {
  const log = [...story];
  for (const [nth, { at, what }] of beside.entries()) {
    const index = at % log.length;
    const told = log[index];
    if (told !== undefined) log.splice(...insertion(log, index, told, what, nth));
  }
  return log;
};

/** Where, and what: nothing where the event has nothing that this could happen to. */
const insertion = (
  log: readonly Stored[],
  index: number,
  told: Stored,
  what: Twist['what'],
  nth: number,
): [number, number, ...Stored[]] => {
  const { stream, data } = told;
  const { paymentNumber, orderNumber, programId } = data;
  const queued = log.find(({ type }) => type === 'OrderQueued');
  if (what === 'queued' && queued !== undefined) {
    const number = idOf.order(50_000_000 + nth);
    return [index + 1, 0, { ...queued, data: { ...queued.data, programId: PROGRAM, orderNumber: number } }];
  }
  const subject = { paymentNumber, orderNumber, programId };
  const isPayment = stream.startsWith('Payment-');
  if (what === 'failed' && told.type === 'PaymentRequested') {
    const before = { ...subject, paymentNumber: `90000${nth}` };
    const failed = { ...before, code: 'declined', failedAtMs: 1 };
    const another = paymentStream(idOf.payment(Number(before.paymentNumber)));
    return [
      ...([index, 0] as const),
      { stream: another, type: told.type, data: { ...data, ...before } },
      { stream: another, type: 'PaymentFailed', data: failed },
    ];
  }
  const takes = { amountMinor: 7, currency: nth % 2 === 0 ? 'USD' : 'CNY', capturedAtMs: 1 };
  const charge = { ...subject, providerReference: `stray-${nth}`, ...takes };
  const stray = { stream, type: 'StrayPaymentCaptured', data: { ...charge, cause: 'wrong_amount' } };
  if (what === 'stray' && isPayment) return [index + 1, 0, stray];
  return what === 'late' && isPayment ? [log.length, 0, stray] : [0, 0];
};

/** Of another program, its orders and payments numbered apart from all others, its entries in its lane. */
const renamed = (story: readonly Stored[], nth: number): Stored[] => {
  const programId = PROGRAMS[nth] ?? FIRST;
  const payments = new Map<unknown, PaymentNumber>();
  const attempts = new Map<OrderNumber, number>();
  const order = (number: unknown): OrderNumber =>
    idOf.order(String(BigInt(String(number)) + BigInt(nth) * ORDERS_OF_PROGRAM));
  const payment = (number: unknown, ofOrder: OrderNumber): PaymentNumber => {
    const attempt = (attempts.get(ofOrder) ?? 0) + 1;
    const known = payments.get(number) ?? paymentNumberOf(ofOrder, attempt);
    if (!payments.has(number)) attempts.set(ofOrder, attempt);
    payments.set(number, known);
    return known;
  };
  return story.map(({ type, data: before, stream: was }) => {
    const data = { ...before };
    if (data['programId'] === PROGRAM) data['programId'] = programId;
    const orderNumber = 'orderNumber' in data ? order(data['orderNumber']) : undefined;
    if (orderNumber !== undefined) data['orderNumber'] = orderNumber;
    if ('of' in data) data['of'] = order(data['of']);
    if (was.startsWith('OrderQueue-')) return { type, data, stream: laneStream(laneOf(programId)) };
    if (orderNumber === undefined || !('paymentNumber' in data)) {
      return { type, data, stream: saleStream(programId) };
    }
    const paymentNumber = payment(data['paymentNumber'], orderNumber);
    data['paymentNumber'] = paymentNumber;
    const stream = was.startsWith('Payment-') ? paymentStream(paymentNumber) : saleStream(programId);
    return { type, data, stream };
  });
};

const woven = (stories: readonly (readonly Stored[])[], turns: readonly number[]): Stored[] => {
  const left = stories.map((story) => [...story]);
  const log: Stored[] = [];
  for (let nth = 0; left.some((story) => story.length > 0); nth++) {
    const story = left[(turns[nth % turns.length] ?? 0) % left.length];
    const next = story?.shift() ?? left.find((other) => other.length > 0)?.shift();
    if (next !== undefined) log.push(next);
  }
  return log;
};

const METADATA = { $correlationId: 'c', $causationId: 'c', schemaVersion: 1, actor: 'test' };
const START_MS = 1_700_000_000_000;

/** Positions have gaps, and several events are of one millisecond. */
const logged = (story: readonly Stored[], steps: readonly number[]): StoredEvent[] => {
  const revisions = new Map<string, bigint>();
  let [position, recordedAtMs] = [0n, START_MS];
  return story.map((stored, index) => {
    const revision = revisions.get(stored.stream) ?? 0n;
    revisions.set(stored.stream, revision + 1n);
    const step = steps[index % steps.length] ?? 0;
    position += 1n + BigInt(step);
    recordedAtMs += Math.max(0, step - 2);
    return { ...stored, id: `event-${index}`, revision, position, recordedAtMs, metadata: METADATA };
  });
};

/** At least one event. */
export const someLog = (maxSteps: number): fc.Arbitrary<StoredEvent[]> =>
  fc
    .tuple(
      fc.tuple(...PROGRAMS.map((_, nth) => program(nth, maxSteps))),
      fc.array(fc.nat(2), { minLength: 20, maxLength: 60 }),
      fc.array(fc.nat(5), { minLength: 20, maxLength: 60 }),
    )
    .map(([stories, turns, gaps]) => logged(woven(stories, turns), gaps));

/** Reads as the event store does, from a list. */
export const readingOf = (log: readonly StoredEvent[]): Pick<EventStore, 'readPage' | 'readAllPage'> => {
  const streams = new Map<string, StoredEvent[]>();
  for (const event of log) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  return {
    readPage: async (stream, { direction = 'forwards', from, maxCount } = {}) => {
      const events = streams.get(stream);
      if (events === undefined) return { kind: 'no-stream' };
      const isWanted = ({ revision }: StoredEvent): boolean =>
        typeof from !== 'bigint' || (direction === 'forwards' ? revision >= from : revision <= from);
      return { kind: 'events', events: paged(events.filter(isWanted), direction, maxCount) };
    },
    readAllPage: async ({ direction = 'forwards', from, maxCount } = {}) => {
      const isWanted = ({ position }: StoredEvent): boolean =>
        typeof from !== 'bigint' || (direction === 'forwards' ? position >= from : position < from);
      return paged(log.filter(isWanted), direction, maxCount);
    },
  };
};

const paged = (
  events: readonly StoredEvent[],
  direction: 'forwards' | 'backwards',
  maxCount: number | undefined,
): readonly StoredEvent[] =>
  (direction === 'forwards' ? events : events.toReversed()).slice(0, maxCount ?? events.length);
