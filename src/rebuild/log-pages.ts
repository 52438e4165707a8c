/**
 * The whole log in large pages, every event of every stream, and the proof that none is missing between two of them:
 * a page begins with the event that the one before ended with.
 */
import type { EventStore, StoredEvent } from '../eventstore/index.ts';
import { RebuildError } from './rebuildable.ts';

/** What one call to the store answers at most. */
const PAGE_MAX_EVENTS = 4_096;
/** Before the first event. */
export const START_OF_LOG = -1n;

type Log = Pick<EventStore, 'readAllPage'>;

export type ReadLog = {
  /** Commit position of the last event that is known already; `START_OF_LOG` for none. */
  readonly after: bigint;
  /** Commit position of the last event that is wanted. */
  readonly until: bigint;
  readonly signal: AbortSignal;
  /** 2 to 4,096, which is what it is unless given. */
  readonly pageMaxEvents?: number;
};

export type LogPage = {
  /** Nothing is missing between this position and the first event. */
  readonly after: bigint;
  /** At least one. */
  readonly events: readonly StoredEvent[];
  /** Of the last event: where to go on from. */
  readonly position: bigint;
};

/**
 * The events behind `after` up to and including `until`, in log order; fewer where the log ends before. Two pages are in
 * memory at most: the one at work, and the next one, which is being read meanwhile. Throws the signal's reason,
 * `EventStoreError`, and `RebuildError` where a page does not lead on from the one before.
 */
export async function* readLog(log: Log, options: ReadLog): AsyncGenerator<LogPage, void, undefined> {
  const { until, signal, pageMaxEvents = PAGE_MAX_EVENTS } = options;
  if (pageMaxEvents < 2) throw new RangeError('A page holds the event before it, and at least one more.');
  let { after } = options;
  signal.throwIfAborted();
  if (until < 0n) return;
  // With nothing wanted, all there is to see is whether this is still the log that `after` was read from.
  let next = after < until ? readFrom(log, after, pageMaxEvents) : readFrom(log, after, 1);
  for (;;) {
    const events = upTo(until, leadingOn(after, await unlessAborted(signal, next)));
    const position = events.at(-1)?.position;
    if (position === undefined) return;
    if (position < until) next = readFrom(log, position, pageMaxEvents);
    yield { after, events, position };
    if (position >= until) return;
    after = position;
  }
}

/** Commit position of the last event; `START_OF_LOG` while there is none. Throws `EventStoreError`. */
export const endOfLog = async (log: Log): Promise<bigint> =>
  (await log.readAllPage({ direction: 'backwards', maxCount: 1 }))[0]?.position ?? START_OF_LOG;

/** The event at `after` comes first. */
const readFrom = (log: Log, after: bigint, maxCount: number): Promise<readonly StoredEvent[]> => {
  const page = log.readAllPage({ from: after < 0n ? 'start' : after, maxCount });
  // Whoever stops early never asks for it.
  page.catch(() => undefined);
  return page;
};

const leadingOn = (after: bigint, page: readonly StoredEvent[]): readonly StoredEvent[] => {
  if (after < 0n) return page;
  const [first] = page;
  if (first?.position === after) return page.slice(1);
  const found = first === undefined ? 'the log ends before it' : `the next event is at ${first.position}`;
  throw new RebuildError(
    'log_has_a_gap',
    `The log has no event at position ${after} any more, where it was read up to: ${found}. ` +
      'It was replaced, or events were taken out of it; begin anew.',
  );
};

const upTo = (until: bigint, events: readonly StoredEvent[]): readonly StoredEvent[] => {
  const last = events.at(-1);
  return last === undefined || last.position <= until
    ? events
    : events.filter(({ position }) => position <= until);
};

/** A read cannot be called back: it ends by itself, and nobody hears of it. */
const unlessAborted = async <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => {
  signal.throwIfAborted();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, fail) => {
    onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
