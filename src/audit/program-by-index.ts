/**
 * Finds the events of a program by the index. Nearly all are in the log between the first and the last event of its sale,
 * and are read there; the index tells which orders have later ones, once it has proved to know all that were read.
 */
import type { OrderNumber } from '../domain/shared/ids.ts';
import { collectEvents } from './collected.ts';
import { type LogEvent, type LogPage, type Place, untilPast } from './log.ts';
import { EVENTS_OF_ORDER, noteOrder, type Payable, paymentsOf } from './payable-orders.ts';
import { createTally, type ProgramIndex, type Tally } from './program-index.ts';
import { type FoundPage, isOfProgram, type ProgramReading, type ReadingDeps } from './program-reading.ts';

export type IndexedReading = ProgramReading & {
  readonly index: ProgramIndex;
  /** Everything up to here is in the index. */
  readonly indexedTo: bigint;
  /** Of the last event of the sale that is wanted. */
  readonly lastOfSale: bigint;
  /** In the log of all between that and the moment. */
  readonly eventsLater: number;
  /** What the program has in its lane behind the last event of its sale. */
  readonly queuedLater: () => AsyncIterable<LogPage>;
  /** Called where the index is not what the log says; the log is read on then. */
  readonly onProblems: (problems: readonly string[]) => void;
};

/** In log order up to the last event of the sale, then the later ones, in log order too. */
export async function* readByIndex(deps: ReadingDeps, reading: IndexedReading): AsyncGenerator<FoundPage> {
  const { log, signal } = deps;
  const { asked, indexedTo, lastOfSale, isWanted } = reading;
  const isInSale = ({ position }: Place): boolean => position <= lastOfSale;
  const isBehind = indexedTo < lastOfSale;
  const compared = isBehind ? indexedTo : lastOfSale;
  const tally = createTally(compared);
  const payable: Payable = new Map();
  const pages = log.all(asked.hall.position, asked.programId);
  for await (const { events: all, unreadable } of untilPast(pages, isInSale, signal)) {
    const events = all.filter((event) => isInSale(event) && isOfProgram(event, asked));
    for (const event of events) {
      tally.take(event);
      noteOrder(payable, event);
    }
    yield { events, unreadable };
  }
  const goingOn = await ordersGoingOn(reading, tally, compared);
  const lookedUp = goingOn && payableOf(payable, [...goingOn, ...deps.unsettled()]);
  const later =
    lookedUp === undefined || lookedUp.size * EVENTS_OF_ORDER > reading.eventsLater
      ? untilPast(log.all(lastOfSale, asked.programId), isWanted, signal)
      : laterEvents(deps, reading, lookedUp);
  for await (const { events, unreadable } of later) {
    yield { events: events.filter((event) => !isInSale(event)), unreadable };
  }
}

/** Undefined: the index does not know what the log says, or does not answer. */
const ordersGoingOn = async (
  { index, until, onProblems }: IndexedReading,
  tally: Tally,
  compared: bigint,
): Promise<readonly OrderNumber[] | undefined> => {
  const indexed = await index.totalsOf(tally.orders(), compared, until);
  const problems = indexed === undefined ? ['The index does not answer any more.'] : tally.problems(indexed);
  if (indexed === undefined || problems.length > 0) {
    onProblems(problems);
    return undefined;
  }
  return [...indexed].flatMap(([order, { goesOn }]) => (goesOn ? [order] : []));
};

const payableOf = (payable: Payable, orders: readonly OrderNumber[]): Payable =>
  new Map(
    orders.flatMap((order) => {
      const named = payable.get(order);
      return named === undefined ? [] : [[order, named] as const];
    }),
  );

/** Each once: of the payments of these orders, of the lane, and of what the index does not have yet. */
async function* laterEvents(
  deps: ReadingDeps,
  { asked, indexedTo, lastOfSale, until, queuedLater }: IndexedReading,
  payable: Payable,
): AsyncGenerator<FoundPage> {
  const collected = collectEvents<LogEvent>();
  const collect = ({ events, unreadable }: FoundPage): void => collected.add(events, unreadable);
  for await (const found of paymentsOf(deps, payable)) collect(found);
  for await (const page of queuedLater()) collect(page);
  const from = indexedTo > lastOfSale ? indexedTo : lastOfSale;
  if (until > from) {
    for await (const page of deps.log.allBackwards()) {
      deps.signal?.throwIfAborted();
      collect({ ...page, events: page.events.filter((event) => isOfProgram(event, asked)) });
      if (page.last.position <= from) break;
    }
  }
  yield collected.found();
}
