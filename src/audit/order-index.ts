/** Holds what the index of an order's events says against the log: it is a read model, and may be wrong. */
import type { OrderNumber } from '../domain/shared/ids.ts';
import { type AuditLog, isOfOrder, type LogEvent, type OrderEvent } from './log.ts';

/** Where the index says that an event of the order is. */
export type IndexedPlace = {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly type: string;
  readonly recordedAtMs: number;
};

/** The events that the rows name and that are what the rows say; a sentence for each row that is wrong. */
export const checkedEvents = async (
  log: Pick<AuditLog, 'eventAt'>,
  orderNumber: OrderNumber,
  rows: readonly IndexedPlace[],
): Promise<{ readonly events: readonly OrderEvent[]; readonly problems: readonly string[] }> => {
  const events: OrderEvent[] = [];
  const problems: string[] = [];
  const found = await Promise.all(rows.map(({ stream, revision }) => log.eventAt(stream, revision)));
  for (const [index, row] of rows.entries()) {
    const event = found[index];
    const problem = problemOf(row, event, orderNumber);
    if (problem !== undefined) problems.push(`The index says ${named(row)}: ${problem}.`);
    else if (event !== undefined && isOfOrder(event, orderNumber)) events.push(event);
  }
  return { events, problems };
};

const problemOf = (
  row: IndexedPlace,
  event: LogEvent | undefined,
  orderNumber: OrderNumber,
): string | undefined => {
  if (event === undefined) return 'the log has no such event that can be read';
  if (event.type !== row.type) return `in the log that is ${event.type}`;
  if (event.position !== row.position) return `in the log it is at position ${event.position}`;
  if (event.recordedAtMs !== row.recordedAtMs) return `the log recorded it at ${event.recordedAtMs}`;
  return isOfOrder(event, orderNumber) ? undefined : 'in the log it is of another order';
};

/** A sentence for each of these events that no row names. */
export const lacking = (
  rows: readonly Pick<IndexedPlace, 'position'>[],
  events: readonly LogEvent[],
): readonly string[] => {
  const indexed = new Set(rows.map(({ position }) => position));
  return events
    .filter(({ position }) => !indexed.has(position))
    .map((event) => `The index lacks ${named(event)}.`);
};

const named = ({ type, stream, revision, position }: IndexedPlace | LogEvent): string =>
  `${type} at ${stream}@${revision} (position ${position})`;
