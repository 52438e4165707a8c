/**
 * Cursors: one for a stream, one for `$all`, in either direction. A cursor hands out a bounded page at a time,
 * so that a reader never holds more than that and a slow one holds nothing back.
 */

import { CorruptRecordError } from '../store/corrupt.ts';
import { eventOf, type Log, recordAt, recordBefore, rowOf, seekForward } from '../store/log.ts';
import type { StoredRecord } from '../store/record.ts';
import { firstReadableRevision, isSoftDeleted, type StreamRow } from '../store/stream-row.ts';
import type { Filter } from './filter.ts';

const PAGE_EVENTS = 256;
const PAGE_BYTES = 512 * 1024;

export type Page = {
  readonly records: readonly StoredRecord[];
  /** Records looked at, matching or not. */
  readonly considered: number;
  /** Whether the cursor stands at the end of what there is now. */
  readonly atEnd: boolean;
};

/** Advances with every call; forwards, a page at the end is empty until the log grows. */
export type EventCursor = {
  readonly next: (maxEvents: number, maxConsidered?: number) => Page;
  /** Position of the last record considered, -1 before the first. */
  readonly lastPosition: () => number;
};

type StreamCursorOptions = { readonly stream: string; readonly from: number; readonly nowMs: () => number };

/** A stream from revision `from` upwards. A stream that is not there yet is an empty one. */
export const streamForwards = (log: Log, { stream, from, nowMs }: StreamCursorOptions): EventCursor => {
  let next = from;
  let last = -1;
  return {
    lastPosition: () => last,
    next: (maxEvents) => {
      const row = readableRow(log, stream);
      if (row === undefined) return { records: [], considered: 0, atEnd: true };
      next = Math.max(next, firstReadableRevision(row));
      const page = newPage(maxEvents);
      fill(page, () => {
        if (next > row.lastRevision) return false;
        take(page, eventOf(log, stream, row, next), notExpired(row, nowMs()));
        next++;
        return true;
      });
      last = page.records.at(-1)?.position ?? last;
      return finished(page, next > row.lastRevision);
    },
  };
};

/** A stream from revision `from` downwards; Infinity starts at its end. */
export const streamBackwards = (log: Log, { stream, from, nowMs }: StreamCursorOptions): EventCursor => {
  let next = from;
  return {
    lastPosition: () => -1,
    next: (maxEvents) => {
      const row = readableRow(log, stream);
      if (row === undefined) return { records: [], considered: 0, atEnd: true };
      next = Math.min(next, row.lastRevision);
      const first = firstReadableRevision(row);
      const page = newPage(maxEvents);
      fill(page, () => {
        if (next < first) return false;
        take(page, eventOf(log, stream, row, next), notExpired(row, nowMs()));
        next--;
        return true;
      });
      return finished(page, next < first);
    },
  };
};

/** `$all` from a position upwards, that position included. */
export const allForwards = (log: Log, from: number, filter: Filter | undefined): EventCursor => {
  let next = seekForward(log, from);
  let last = -1;
  return {
    lastPosition: () => last,
    next: (maxEvents, maxConsidered) => {
      const page = newPage(maxEvents, maxConsidered);
      fill(page, () => {
        if (next >= log.endPosition) return false;
        const record = recordAt(log, next);
        take(page, record, filter?.matches);
        last = next;
        next = record.nextPosition;
        return true;
      });
      return finished(page, next >= log.endPosition);
    },
  };
};

/** `$all` from a position downwards, that position excluded. */
export const allBackwards = (log: Log, from: number, filter: Filter | undefined): EventCursor => {
  let next = from;
  return {
    lastPosition: () => next,
    next: (maxEvents) => {
      const page = newPage(maxEvents);
      fill(page, () => {
        const record = recordBefore(log, next);
        if (record === undefined) return false;
        // A hole between this record and the one read before it: asking for what should be there names it.
        if (record.nextPosition < Math.min(next, log.endPosition)) recordAt(log, record.nextPosition);
        take(page, record, filter?.matches);
        next = record.position;
        return true;
      });
      return finished(page, next === 0 || page.considered === 0);
    },
  };
};

type OpenPage = {
  readonly records: StoredRecord[];
  considered: number;
  bytes: number;
  readonly maxEvents: number;
  readonly maxConsidered: number;
};

const newPage = (maxEvents: number, maxConsidered = PAGE_EVENTS): OpenPage => ({
  records: [],
  considered: 0,
  bytes: 0,
  maxEvents,
  maxConsidered: Math.min(maxConsidered, PAGE_EVENTS),
});

/** Takes records while there are any and room for them. What stands before a damaged one is still handed out. */
const fill = (page: OpenPage, takeNext: () => boolean): void => {
  try {
    while (hasRoom(page) && takeNext());
  } catch (error) {
    if (!(error instanceof CorruptRecordError) || page.considered === 0) throw error;
  }
};

const hasRoom = (page: OpenPage): boolean =>
  page.records.length < page.maxEvents && page.bytes < PAGE_BYTES && page.considered < page.maxConsidered;

const take = (page: OpenPage, record: StoredRecord, matches: Filter['matches'] | undefined): void => {
  page.considered++;
  page.bytes += record.bytes.length;
  if (matches === undefined || matches(record)) page.records.push(record);
};

const finished = ({ records, considered }: OpenPage, atEnd: boolean): Page => ({
  records,
  considered,
  atEnd,
});

const notExpired = (row: StreamRow, nowMs: number): Filter['matches'] | undefined => {
  const { maxAgeSeconds } = row;
  return maxAgeSeconds === null ? undefined : (record) => record.createdMs > nowMs - maxAgeSeconds * 1_000;
};

/** The row of a stream that has, or had, events to show; undefined for a missing or soft-deleted one. */
export const readableRow = (log: Log, stream: string): StreamRow | undefined => {
  const row = rowOf(log, stream);
  return row === undefined || row.lastRevision < 0 || isSoftDeleted(row) ? undefined : row;
};
