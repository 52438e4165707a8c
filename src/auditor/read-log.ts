/**
 * Reads the log itself: all of it in pages that lead on from one another, or what may be of one program through a
 * filter of the server.
 */
import type { EventStore, StoredEvent } from '../eventstore/index.ts';

/** What one call to the store answers at most. */
const PAGE_MAX_EVENTS = 4_096;

export type Log = Pick<EventStore, 'readAllPage' | 'subscribeToAll'>;

export type Reading = {
  /** Commit position of the last event that is wanted; to the end as it is at the start of the reading, unless given. */
  readonly until?: bigint;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: StoredEvent) => void;
  /** After some thousand events each: how far the reading is. */
  readonly onProgress?: (position: bigint, until: bigint) => void;
};

/** Commit position that everything was read up to; -1 for an empty log. */
export type ReadUpTo = { readonly position: bigint };

/** Something has been taken out of the log, or it cannot be read in one piece. */
export class LogGapError extends Error {
  override readonly name = 'LogGapError';
}

const endOf = async (log: Log, until: bigint | undefined): Promise<bigint> => {
  const [last] = await log.readAllPage({ direction: 'backwards', maxCount: 1 });
  const end = last?.position ?? -1n;
  return until === undefined || end < until ? end : until;
};

/**
 * Every event of every stream. Rejects with the event store's error, and with `LogGapError` where a page does not
 * begin with the event that the one before it ended with.
 */
export async function readWholeLog(log: Log, reading: Reading): Promise<ReadUpTo> {
  const { signal, onEvent, onProgress } = reading;
  const until = await endOf(log, reading.until);
  if (until < 0n) return { position: -1n };
  let after = -1n;
  let next = pageFrom(log, after);
  for (;;) {
    signal?.throwIfAborted();
    const page = await next;
    const [first] = page;
    if (after >= 0n && first?.position !== after) throw new LogGapError(gap(after, first));
    const events = after < 0n ? page : page.slice(1);
    const last = events.at(-1)?.position ?? until;
    if (last < until) next = pageFrom(log, last);
    for (const event of events) if (event.position <= until) onEvent(event);
    onProgress?.(last, until);
    if (last >= until) return { position: until };
    after = last;
  }
}

function pageFrom(log: Log, after: bigint): Promise<readonly StoredEvent[]> {
  const page = log.readAllPage({ from: after < 0n ? 'start' : after, maxCount: PAGE_MAX_EVENTS });
  // Whoever gives up meanwhile never asks for it.
  page.catch(() => undefined);
  return page;
}

const gap = (after: bigint, first: StoredEvent | undefined): string =>
  `The log has no event at position ${after} any more, where it was read up to: ` +
  `${first === undefined ? 'it ends before' : `the next one is at ${first.position}`}.`;

/**
 * What may be of this program: its own streams, and all payments and queues. What is written meanwhile may be left out.
 * Rejects with the event store's error.
 */
export async function readProgramLog(log: Log, programId: string, reading: Reading): Promise<ReadUpTo> {
  const until = await endOf(log, reading.until);
  if (until < 0n) return { position: -1n };
  const end = { reached: (): void => undefined, failed: (_: unknown): void => undefined };
  const reached = new Promise<void>((resolve, reject) => {
    end.reached = resolve;
    end.failed = reject;
  });
  const subscription = log.subscribeToAll({
    name: 'audit',
    filter: { streamPrefixes: [`Sale-${programId}`, `Program-${programId}`, 'Payment-', 'OrderQueue-'] },
    from: 'start',
    onBatch: async ({ events, position }) => {
      for (const event of events) if (event.position <= until) reading.onEvent(event);
      reading.onProgress?.(position, until);
      if (position >= until) end.reached();
    },
    onStatus: ({ status }) => {
      if (status === 'live') end.reached();
    },
  });
  void subscription.ended.then((over) => {
    if (over.kind === 'failed') end.failed(over.error);
  });
  const onAbort = (): void => end.failed(reading.signal?.reason);
  reading.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    reading.signal?.throwIfAborted();
    await reached;
  } finally {
    reading.signal?.removeEventListener('abort', onAbort);
    await subscription.stop();
  }
  return { position: until };
}
