/**
 * Finds every event of an order: through the index in SQL, each row of which is checked against the log, or in the log
 * alone. The answer is the same either way; only what it costs is not.
 */
import { laneOf, laneStream } from '../domain/order-queue/index.ts';
import { programOfSaleStream, saleStream } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../domain/shared/ids.ts';
import { decodeNumber, MAX_AHEAD_MS } from '../domain/shared/order-number.ts';
import { type Collected, createCollected } from './collected.ts';
import { type AuditLog, downTo, type LogPage, type OrderEvent } from './log.ts';
import { checkedEvents, type IndexedPlace, lacking } from './order-index.ts';
import { paymentsNamedBy, paymentsOfOrder } from './payment-events.ts';
import { isWholeStory } from './whole-story.ts';

/** The clocks of those who number and those who record may differ by this, and more than that. */
const CLOCKS_DIFFER_MS = 3_600_000;

export type OrderIndex = {
  /** Everything up to this position is in the index; undefined where it is not to be relied on. */
  readonly upTo: () => Promise<bigint | undefined>;
  readonly eventsOfOrder: (orderNumber: OrderNumber) => Promise<readonly IndexedPlace[]>;
};

export type Finding = {
  readonly log: AuditLog;
  /** Undefined: from the log alone. */
  readonly index?: OrderIndex | undefined;
  readonly nowMs: () => number;
  /** A sentence about why it may take long. */
  readonly onNote?: (note: string) => void;
  /** Ends the work: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

export type FoundEvents = {
  /** In log order. */
  readonly events: readonly OrderEvent[];
  /** How they were found: by the index and what came after it, in the streams of a program, or in the whole log. */
  readonly by: 'index' | 'streams' | 'log';
  /** Sentences: where the index is not what the log says. Then the answer is from the log. */
  readonly indexProblems: readonly string[];
  /** Sentences: events of the log that cannot be read. */
  readonly unreadable: readonly string[];
};

/** `programId` spares a look through the whole log where there is no index. Rejects with what the stores reject with. */
export const findOrderEvents = async (
  finding: Finding,
  orderNumber: OrderNumber,
  programId?: ProgramId,
): Promise<FoundEvents> => {
  const indexed = await byIndex(finding, orderNumber);
  if (indexed !== undefined && isToBeBelieved(indexed, finding, programId)) return indexed;
  const program = (indexed && programOf(indexed.events)) ?? programId;
  const found =
    program === undefined
      ? await byLog(finding, orderNumber)
      : await byStreams(finding, orderNumber, program);
  if (indexed === undefined) return { ...found, indexProblems: [] };
  if (indexed.indexProblems.length > 0) return { ...found, indexProblems: indexed.indexProblems };
  const indexProblems = lacking(indexed.events, found.events);
  return indexProblems.length === 0 && indexed.events.length > 0 ? indexed : { ...found, indexProblems };
};

/** An order of which the index has nothing is looked for in a program that is named, and nowhere else. */
const isToBeBelieved = (
  { events, indexProblems }: FoundEvents,
  { nowMs }: Finding,
  programId: ProgramId | undefined,
): boolean => {
  if (indexProblems.length > 0) return false;
  return events.length === 0 ? programId === undefined : isWholeStory(events, nowMs());
};

const byIndex = async (finding: Finding, orderNumber: OrderNumber): Promise<FoundEvents | undefined> => {
  const { log, index } = finding;
  // First how far it goes, then its rows: what it takes in between is there twice, and kept once.
  const upTo = await index?.upTo();
  if (index === undefined || upTo === undefined) return undefined;
  const rows = await index.eventsOfOrder(orderNumber);
  const { events, problems } = await checkedEvents(log, orderNumber, rows);
  const paid = await paymentsOfOrder(finding, orderNumber, paymentsNamedBy(events));
  const collected = createCollected(orderNumber);
  collected.add(events);
  collected.add(paid.events, paid.unreadable);
  for await (const page of log.allBackwards()) {
    finding.signal?.throwIfAborted();
    collected.take({ ...page, events: page.events.filter(({ position }) => position > upTo) });
    if (page.last.position <= upTo) break;
  }
  const indexProblems = [
    ...problems,
    ...lacking(
      rows,
      paid.events.filter(({ position }) => position <= upTo),
    ),
  ];
  return { ...collected.found(), by: 'index', indexProblems };
};

/** From the end of the log to where the order's number was made: nothing of it is older. */
const byLog = async (
  finding: Finding,
  orderNumber: OrderNumber,
): Promise<Omit<FoundEvents, 'indexProblems'>> => {
  const sinceMs = bornAtMs(orderNumber, finding.nowMs());
  finding.onNote?.(
    'Looking through the whole log from its end back to where the order was made; that is some ten thousand ' +
      'events in a second. --program makes it quicker.',
  );
  const collected = createCollected(orderNumber);
  await collect(finding, collected, downTo(finding.log.allBackwards(), sinceMs));
  return { ...collected.found(), by: 'log' };
};

const byStreams = async (
  finding: Finding,
  orderNumber: OrderNumber,
  programId: ProgramId,
): Promise<Omit<FoundEvents, 'indexProblems'>> => {
  const sinceMs = bornAtMs(orderNumber, finding.nowMs());
  const collected = createCollected(orderNumber);
  for (const stream of [saleStream(programId), laneStream(laneOf(programId))]) {
    await collect(finding, collected, downTo(finding.log.readBackwards(stream), sinceMs));
  }
  const paid = await paymentsOfOrder(finding, orderNumber, paymentsNamedBy(collected.found().events));
  collected.add(paid.events, paid.unreadable);
  return { ...collected.found(), by: 'streams' };
};

const collect = async (
  { signal }: Finding,
  collected: Collected,
  pages: AsyncIterable<LogPage>,
): Promise<void> => {
  for await (const page of pages) {
    signal?.throwIfAborted();
    collected.take(page);
  }
};

/**
 * No event of the order was recorded before. The number says when it was made; one that says "later than now" was not
 * made by an engine, and tells nothing.
 */
const bornAtMs = (orderNumber: OrderNumber, nowMs: number): number => {
  const { timeMs } = decodeNumber(orderNumber);
  return timeMs > nowMs + MAX_AHEAD_MS + CLOCKS_DIFFER_MS ? 0 : timeMs - MAX_AHEAD_MS - CLOCKS_DIFFER_MS;
};

/** The program whose order it is, as far as its events tell. */
const programOf = (events: readonly OrderEvent[]): ProgramId | undefined => {
  for (const { stream, data } of events) {
    const program = programOfSaleStream(stream) ?? ('programId' in data ? data.programId : undefined);
    if (program !== undefined) return program;
  }
  return undefined;
};
