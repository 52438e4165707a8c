/**
 * Finds every event of a program up to a moment, in the log alone: in the log of all streams from the start of its sale
 * on, or in the streams that can have any, whichever is less to read. The answer is the same; only what it costs is not.
 */
import { laneOf, laneStream } from '../domain/order-queue/index.ts';
import { saleStream } from '../domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId } from '../domain/shared/ids.ts';
import type { Hall } from './hall.ts';
import { type AuditLog, type LogEnd, type LogEvent, type LogPage, type Place, untilPast } from './log.ts';
import { inLogOrder } from './log-order.ts';
import { isBy, type Moment } from './moment.ts';
import { paymentsOfOrder } from './payment-events.ts';

/**
 * What reading the streams of a sale costs against an event in a page of many, for each event of the sale: itself, and a
 * third of an order, of which two payments are looked for, each of which costs fifteen. Measured.
 */
const STREAMS_COST_EVENTS = 1 + (2 * 15) / 3;
/** An event store has other readers too. */
const ORDERS_IN_FLIGHT = 24;
/** Some seconds. */
const NOTED_FROM_EVENTS = 200_000;

type Deps = {
  readonly log: AuditLog;
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
};

type Asked = {
  readonly programId: ProgramId;
  readonly at?: Moment | undefined;
  readonly hall: Pick<Hall, 'position'>;
};

/** What is written while this is being read is left out, or payments would be ahead of their sale. */
type Cut = { readonly at: Moment | undefined; readonly until: bigint };

type Found = Pick<LogPage, 'events' | 'unreadable'>;

/**
 * Calls `take` for each event: those of sale and queue in log order, and those of each order in log order. Resolves to
 * sentences about events that cannot be read. Rejects with what the log rejects with, and with the reason of the signal.
 */
export const readProgram = async (
  deps: Deps,
  asked: Asked,
  take: (event: LogEvent) => void,
): Promise<readonly string[]> => {
  const end = await deps.log.end();
  if (end === undefined) return [];
  const cut: Cut = { at: asked.at, until: end.position };
  const unreadable = new Set<string>();
  for await (const page of await cheapest(deps, asked, cut, end)) {
    for (const sentence of page.unreadable) unreadable.add(sentence);
    for (const event of page.events) if (isIn(cut, event) && isOf(event, asked)) take(event);
  }
  return [...unreadable];
};

const isIn = ({ at, until }: Cut, place: Place): boolean => place.position <= until && isBy(at, place);

const isOf = (event: LogEvent, { programId }: Asked): boolean =>
  event.stream === saleStream(programId) || ('programId' in event.data && event.data.programId === programId);

/** By how many events the sale and its lane have up to the moment, and how many the log has meanwhile. */
const cheapest = async (deps: Deps, asked: Asked, cut: Cut, end: LogEnd): Promise<AsyncIterable<Found>> => {
  const { log, signal } = deps;
  const { programId, hall } = asked;
  const isWanted = (place: Place): boolean => isIn(cut, place);
  const [sale, lane] = [saleStream(programId), laneStream(laneOf(programId))];
  const [sold, queueFrom, queueTo] = await Promise.all([
    log.revisionFrom(sale, isWanted),
    log.revisionFrom(lane, ({ position }) => position < hall.position),
    log.revisionFrom(lane, isWanted),
  ]);
  const behind = await log.eventAt(sale, sold);
  const logged = Number((behind ?? end).position - hall.position) / end.spacing;
  const inStreams = Number(sold) * STREAMS_COST_EVENTS + Number(queueTo - queueFrom);
  if (Math.min(logged, inStreams) > NOTED_FROM_EVENTS) {
    deps.onNote?.('Reading a large sale from its start; that is some ten thousand events in a second.');
  }
  if (logged < inStreams) return untilPast(log.all(hall.position, programId), isWanted, signal);
  const sales = untilPast(log.read(sale, 0n, programId), isWanted, signal);
  return inItsStreams(deps, sales, untilPast(log.read(lane, queueFrom, programId), isWanted, signal));
};

type Pages = AsyncGenerator<LogPage, void, undefined>;

async function* inItsStreams(deps: Deps, sold: Pages, queued: Pages): AsyncGenerator<Found> {
  const payable: Payable = new Map();
  for await (const page of inLogOrder(sold, queued)) {
    for (const event of page.events) noteOrder(payable, event);
    yield page;
  }
  yield* paymentsOf(deps, payable);
}

/** The orders that may have been paid, each with the payments that its sale names. */
type Payable = Map<OrderNumber, ReadonlySet<PaymentNumber>>;

const NONE: ReadonlySet<PaymentNumber> = new Set();

/** What was refused, or waits to be decided, cannot have been paid. */
const noteOrder = (payable: Payable, { type, data }: LogEvent): void => {
  if (!('orderNumber' in data)) return;
  if (type === 'OrderQueued' || type === 'OrderRejected' || type === 'OrderRepeated') return;
  const named = payable.get(data.orderNumber);
  if ('paymentNumber' in data) payable.set(data.orderNumber, new Set(named).add(data.paymentNumber));
  else if (named === undefined) payable.set(data.orderNumber, NONE);
};

/** Of several orders at a time, in the order they were placed. */
async function* paymentsOf(deps: Deps, payable: Payable): AsyncGenerator<Found> {
  const orders = payable.entries();
  const reading: Promise<Found>[] = [];
  const readNext = (): void => {
    const next = orders.next();
    if (next.done) return;
    const found = paymentsOfOrder(deps, ...next.value);
    // Where one fails, the others are left behind.
    found.catch(() => undefined);
    reading.push(found);
  };
  for (let nth = 0; nth < ORDERS_IN_FLIGHT; nth++) readNext();
  for (let first = reading.shift(); first !== undefined; first = reading.shift()) {
    const found = await first;
    readNext();
    yield found;
  }
}
