/**
 * Group commit: what arrives in one turn of the event loop is decided in order and stored in one transaction,
 * and is acknowledged only when the disk has it. A turn that fails refuses its writes and changes nothing.
 */
import { LRUCache } from 'lru-cache';
import type { ExpectedRevision, IdentifiedEvent } from './append.ts';
import { CorruptRecordError } from './corrupt.ts';
import type { Log } from './log.ts';
import {
  append,
  beginTransaction,
  deleteStream,
  flushRows,
  type Transaction,
  tombstoneStream,
  type WriteOutcome,
} from './transaction.ts';

/** First event ids remembered, so that a repeated append with no revision is recognised for a while. */
const RECENT_APPENDS = 50_000;
/** A turn takes at most this much, so that one commit never holds the loop for long. */
const MAX_GROUP_WRITES = 2_000;
const MAX_GROUP_BYTES = 16 * 1024 * 1024;

/** The store could not write: the disk is full, or broken. Nothing of the group was stored. */
export class StoreWriteError extends Error {
  override readonly name = 'StoreWriteError';
}

export type Writer = {
  readonly append: (
    stream: string,
    expected: ExpectedRevision,
    events: readonly IdentifiedEvent[],
    deadlineAtMs: number,
    bytes: number,
  ) => Promise<WriteOutcome>;
  readonly delete: (stream: string, expected: ExpectedRevision) => Promise<WriteOutcome>;
  readonly tombstone: (stream: string, expected: ExpectedRevision, eventId: Buffer) => Promise<WriteOutcome>;
  /** Calls back after every commit that made the log longer, until the returned function is called. */
  readonly onAdvance: (listener: () => void) => () => void;
};

type Pending = {
  readonly bytes: number;
  readonly deadlineAtMs: number;
  readonly run: (transaction: Transaction) => WriteOutcome;
  /** What to remember when the write is durable. */
  readonly committed?: (outcome: WriteOutcome) => void;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: Error) => void;
};

type Settled = { readonly pending: Pending; readonly outcome?: WriteOutcome; readonly error?: Error };

export const createWriter = (log: Log): Writer => {
  const recent = new LRUCache<string, number>({ max: RECENT_APPENDS });
  const recentRevision = (stream: string) => (eventId: Buffer) => recent.get(recentKey(stream, eventId));
  let queue: Pending[] = [];
  let scheduled = false;
  const listeners = new Set<() => void>();

  const submit = (write: Omit<Pending, 'resolve' | 'reject'>): Promise<WriteOutcome> =>
    new Promise((resolve, reject) => {
      queue.push({ ...write, resolve, reject });
      schedule();
    });

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    // After the poll phase: everything the sockets had for this turn is in the queue by then.
    setImmediate(commitGroup);
  };

  const commitGroup = (): void => {
    scheduled = false;
    const group = takeGroup(queue);
    queue = queue.slice(group.length);
    if (queue.length > 0) schedule();
    const before = log.endPosition;
    for (const { pending, outcome, error } of storeGroup(log, group, recentRevision)) {
      if (outcome === undefined) pending.reject(error as Error);
      else {
        pending.committed?.(outcome);
        pending.resolve(outcome);
      }
    }
    if (log.endPosition > before) for (const listener of listeners) listener();
  };

  return {
    append: (stream, expected, events, deadlineAtMs, bytes) =>
      submit({
        bytes,
        deadlineAtMs,
        run: (transaction) => append(transaction, stream, expected, events),
        committed: (outcome) => {
          const first = events[0];
          if (first === undefined || outcome.kind !== 'written') return;
          recent.set(recentKey(stream, first.id), outcome.revision - events.length + 1);
        },
      }),
    delete: (stream, expected) =>
      submit({
        bytes: 0,
        deadlineAtMs: Infinity,
        run: (transaction) => deleteStream(transaction, stream, expected),
      }),
    tombstone: (stream, expected, eventId) =>
      submit({
        bytes: 0,
        deadlineAtMs: Infinity,
        run: (transaction) => tombstoneStream(transaction, stream, expected, eventId),
      }),
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

const recentKey = (stream: string, eventId: Buffer): string => `${eventId.toString('latin1')}${stream}`;

const takeGroup = (queue: readonly Pending[]): readonly Pending[] => {
  let bytes = 0;
  let count = 0;
  for (const pending of queue) {
    bytes += pending.bytes;
    if (count === MAX_GROUP_WRITES || (count > 0 && bytes > MAX_GROUP_BYTES)) break;
    count++;
  }
  return queue.slice(0, count);
};

/** Decides and stores a group. The log and its cache change only behind a successful commit. */
const storeGroup = (
  log: Log,
  group: readonly Pending[],
  recentRevision: Transaction['recentRevision'],
): readonly Settled[] => {
  const nowMs = Date.now();
  const transaction = beginTransaction(log, nowMs, recentRevision);
  let settled: Settled[] = [];
  try {
    log.tables.env.transactionSync(() => {
      settled = group.map((pending) => settle(transaction, pending));
      flushRows(transaction);
    });
  } catch (cause) {
    const error = new StoreWriteError(`the store cannot write: ${(cause as Error).message}`, { cause });
    return group.map((pending) => ({ pending, error }));
  }
  log.endPosition = transaction.endPosition;
  log.nextStreamId = transaction.nextStreamId;
  for (const [stream, row] of transaction.rows) log.rows.set(stream, row);
  return settled;
};

/** A write that cannot be decided (its stream's records are damaged) fails alone: it has stored nothing yet. */
const settle = (transaction: Transaction, pending: Pending): Settled => {
  if (pending.deadlineAtMs < transaction.nowMs) return { pending, outcome: { kind: 'timed_out' } };
  try {
    return { pending, outcome: pending.run(transaction) };
  } catch (error) {
    if (error instanceof CorruptRecordError) return { pending, error };
    throw error;
  }
};
