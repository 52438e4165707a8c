/**
 * Finds every event of a program up to a moment, in whichever way there is least to read: in the log from the start of its
 * sale on, in the streams that can have any, or in the log as far as its sale goes and by the index from there on. The
 * answer is the same; only what it costs is not.
 */
import { laneOf, laneStream } from '../domain/order-queue/index.ts';
import { saleStream } from '../domain/sale/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import type { Found } from './answers.ts';
import { type LogEnd, type LogEvent, type LogPage, type Place, untilPast } from './log.ts';
import { inLogOrder } from './log-order.ts';
import { isBy } from './moment.ts';
import { EVENTS_OF_ORDER, noteOrder, type Payable, paymentsOf } from './payable-orders.ts';
import { type IndexedReading, readByIndex } from './program-by-index.ts';
import {
  type AskedProgram,
  type FoundPage,
  isOfProgram,
  type ReadingDeps,
  type Way,
} from './program-reading.ts';

/** A third of an order's events: it is placed, paid and issued. */
const ORDERS_OF_EVENT = 1 / 3;
/** Some seconds. */
const NOTED_FROM_EVENTS = 200_000;

/**
 * Calls `take` for each event: those of sale and queue in log order, and those of each order in log order. Rejects with
 * what the stores reject with, and with the reason of the signal.
 */
export const readProgram = async (
  deps: ReadingDeps,
  asked: AskedProgram,
  take: (event: LogEvent) => void,
): Promise<Found> => {
  const end = (await deps.log.end()) ?? { position: asked.hall.position, spacing: 1 };
  // What is written while this is being read is left out, or payments would be ahead of their sale.
  const isWanted = (place: Place): boolean => place.position <= end.position && isBy(asked.at, place);
  const indexProblems: string[] = [];
  const onProblems = (problems: readonly string[]): void => void indexProblems.push(...problems);
  const ways = waysToRead(deps, await extentOf(deps, asked, end, isWanted), { asked, isWanted, onProblems });
  const way = (deps.choose ?? leastToRead)(ways);
  if (way.events > NOTED_FROM_EVENTS) {
    deps.onNote?.('Reading a large sale from its start; that is some ten thousand events in a second.');
  }
  const unreadable = new Set<string>();
  for await (const page of way.pages()) {
    for (const sentence of page.unreadable) unreadable.add(sentence);
    for (const event of page.events) if (isWanted(event) && isOfProgram(event, asked)) take(event);
  }
  const by = indexProblems.length > 0 ? 'log' : way.by;
  return { by, indexProblems, unreadable: [...unreadable] };
};

const leastToRead = (ways: readonly [Way, ...Way[]]): Way =>
  ways.reduce((one, other) => (other.events < one.events ? other : one));

type Extent = {
  readonly end: LogEnd;
  /** No event behind this position is of the moment. */
  readonly until: bigint;
  /** Events of the sale up to the moment. */
  readonly sold: number;
  /** The last of them; undefined where there is none that can be read. */
  readonly lastOfSale: bigint | undefined;
  /** Revisions in the program's lane: when the sale began, behind its last event, and at the moment. */
  readonly queueFrom: bigint;
  readonly queueLater: bigint;
  readonly queueTo: bigint;
  /** Undefined: there is no index to rely on. */
  readonly indexedTo: bigint | undefined;
};

const extentOf = async (
  { log, index }: ReadingDeps,
  { programId, hall }: AskedProgram,
  end: LogEnd,
  isWanted: (place: Place) => boolean,
): Promise<Extent> => {
  const [sale, lane] = [saleStream(programId), laneOfProgram(programId)];
  const [indexedTo, sold] = await Promise.all([index?.upTo(), log.revisionFrom(sale, isWanted)]);
  const [last, behind] = await Promise.all([
    sold === 0n ? undefined : log.eventAt(sale, sold - 1n),
    log.eventAt(sale, sold),
  ]);
  const lastOfSale = last?.position;
  const [queueFrom, queueLater, queueTo] = await Promise.all([
    log.revisionFrom(lane, ({ position }) => position < hall.position),
    log.revisionFrom(lane, ({ position }) => position <= (lastOfSale ?? hall.position)),
    log.revisionFrom(lane, isWanted),
  ]);
  const until = (behind ?? end).position;
  return { end, until, sold: Number(sold), lastOfSale, queueFrom, queueLater, queueTo, indexedTo };
};

const laneOfProgram = (programId: ProgramId): string => laneStream(laneOf(programId));

type Wanted = Pick<IndexedReading, 'asked' | 'isWanted' | 'onProblems'>;

const waysToRead = (deps: ReadingDeps, extent: Extent, wanted: Wanted): readonly [Way, ...Way[]] => {
  const { log, index, signal } = deps;
  const { asked, isWanted } = wanted;
  const { programId, hall } = asked;
  const { end, until, sold, lastOfSale, queueFrom, queueLater, queueTo, indexedTo } = extent;
  const upToMoment = (pages: AsyncIterable<LogPage>) => untilPast(pages, isWanted, signal);
  const queued = (from: bigint) => upToMoment(log.read(laneOfProgram(programId), from, programId));
  const between = (from: bigint, to: bigint): number => Number(to - from) / end.spacing;
  const whole: Way = {
    by: 'log',
    events: between(hall.position, until),
    pages: () => upToMoment(log.all(hall.position, programId)),
  };
  const streams: Way = {
    by: 'streams',
    events: sold * (1 + ORDERS_OF_EVENT * EVENTS_OF_ORDER) + Number(queueTo - queueFrom),
    pages: () =>
      inStreams(deps, upToMoment(log.read(saleStream(programId), 0n, programId)), queued(queueFrom)),
  };
  if (index === undefined || indexedTo === undefined || lastOfSale === undefined) return [whole, streams];
  const isBehind = indexedTo < lastOfSale;
  const known = isBehind ? lastOfSale : indexedTo;
  const notIndexed = until > known ? between(known, end.position) : 0;
  const later = { eventsLater: between(lastOfSale, until), queuedLater: () => queued(queueLater) };
  const reading = { ...wanted, index, indexedTo, lastOfSale, until, ...later };
  const indexed: Way = {
    by: 'index',
    events: between(hall.position, lastOfSale) + Number(queueTo - queueLater) + notIndexed,
    pages: () => readByIndex(deps, reading),
  };
  return [whole, streams, indexed];
};

type Pages = AsyncGenerator<LogPage, void, undefined>;

async function* inStreams(deps: ReadingDeps, sold: Pages, queued: Pages): AsyncGenerator<FoundPage> {
  const payable: Payable = new Map();
  for await (const page of inLogOrder(sold, queued)) {
    for (const event of page.events) noteOrder(payable, event);
    yield page;
  }
  yield* paymentsOf(deps, payable);
}
