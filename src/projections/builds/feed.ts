/** Reads the log into a build: some pages of it, what was made of them and how far they go are one transaction. */
import { setImmediate } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import { CorruptEventError, type StoredEvent } from '../../eventstore/index.ts';
import { type LogPage, readLog } from '../../rebuild/log-pages.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import type { ReadPage, Skip, Tally } from '../../rebuild/tally.ts';
import type { Database, Db } from '../database.ts';
import type { Projected } from '../projection.ts';
import type { EngineEvent } from '../registry.ts';
import type { BuildDeps, EngineProjection } from './deps.ts';
import { keepStreams, moveBuild } from './schemas.ts';

/**
 * Of the log, in one transaction: an order's events are often near each other and make one row then, and what a statement
 * costs by itself is paid once for all of them. It is what bounds the memory of a rebuild.
 */
const BATCH_PAGES = 4;

/** A build that is being filled. `db` writes into its schema. */
export type Filling = {
  readonly schema: string;
  readonly db: Db;
  readonly projection: EngineProjection;
  /** Of no more use once a transaction was rolled back. */
  readonly tally: Tally;
  /** Whether what is known of streams is kept with the rows: not of a build that nothing is certified of. */
  readonly keepsStreams: boolean;
  /** By position. */
  readonly skips: ReadonlyMap<string, Skip>;
};

type Feeding = {
  /** Commit position of the last event that is wanted. */
  readonly until: bigint;
  readonly signal: AbortSignal;
  /** After each transaction's worth of pages. */
  readonly onPages: () => void;
};

/**
 * Some pages in a transaction of their own, several times over. While they are being written the next ones are read, as
 * many again and no more. Rejects with `RebuildError`, and with the signal's reason between pages.
 */
export const feed = (deps: BuildDeps, filling: Filling, feeding: Feeding): Promise<void> =>
  feedThrough(deps, filling, feeding, (batch) =>
    filling.db.transaction().execute(async (transaction) => {
      // Whatever is lost in a crash is lost with its place in the log, and read again.
      await sql`set local synchronous_commit to off`.execute(transaction);
      await takeBatch(deps, filling, transaction, batch);
    }),
  );

/** The same within one transaction. */
export const feedWithin = (
  deps: BuildDeps,
  filling: Filling,
  transaction: Transaction<Database>,
  feeding: Feeding,
): Promise<void> =>
  feedThrough(deps, filling, feeding, (batch) => takeBatch(deps, filling, transaction, batch));

const feedThrough = async (
  deps: BuildDeps,
  filling: Filling,
  feeding: Feeding,
  write: (batch: Batch) => Promise<void>,
): Promise<void> => {
  const wanted = new Set<string>(filling.projection.handles);
  let writing: Promise<unknown> = Promise.resolve();
  let batch: Batch | undefined;
  const flush = async (): Promise<void> => {
    if (batch === undefined) return;
    await writing;
    writing = write(batch).then(feeding.onPages);
    // It is heard of when the next batch is there.
    writing.catch(() => undefined);
    batch = undefined;
  };
  try {
    for await (const page of pagesFor(deps, filling, feeding)) {
      // The request for the next page goes out before this one keeps the thread busy.
      await setImmediate();
      batch ??= { after: page.after, pages: [], entries: [], recordedAtMs: undefined };
      readPage(deps, filling.tally, wanted, batch, page);
      if (batch.pages.length === BATCH_PAGES) await flush();
    }
    await flush();
  } finally {
    await writing;
  }
};

const pagesFor = ({ log, pageMaxEvents }: BuildDeps, { tally }: Filling, { until, signal }: Feeding) =>
  readLog(log, {
    ...{ after: tally.position(), until, signal },
    ...(pageMaxEvents !== undefined && { pageMaxEvents }),
  });

type Entry = Projected<EngineEvent> | { readonly stored: StoredEvent; readonly error: CorruptEventError };

/** What some pages hold for the projection; all else of them is let go of. */
type Batch = {
  /** Nothing is missing between this position and its first page. */
  readonly after: bigint;
  readonly pages: ReadPage[];
  readonly entries: Entry[];
  /** Of the last event. */
  recordedAtMs: number | undefined;
};

const readPage = (
  deps: BuildDeps,
  tally: Tally,
  wanted: ReadonlySet<string>,
  batch: Batch,
  page: LogPage,
): void => {
  const isForeign = (event: StoredEvent): boolean => wanted.has(event.type) && !isOwn(deps, event);
  const { events } = page;
  const own = events.some(isForeign)
    ? events.map((event) => (isForeign(event) ? renamed(event) : event))
    : events;
  batch.pages.push(tally.reads({ ...page, events: own }));
  for (const stored of own) {
    if (!wanted.has(stored.type)) continue;
    const entry = entryOf(deps, stored);
    if (entry !== undefined) batch.entries.push(entry);
  }
  batch.recordedAtMs = events.at(-1)?.recordedAtMs;
};

/** What only has the name of an event of ours counts under another one, which nothing handles. */
const renamed = (event: StoredEvent): StoredEvent => ({
  ...event,
  type: `${event.type} (in a stream of others)`,
});

const takeBatch = async (
  deps: BuildDeps,
  { schema, projection, tally, keepsStreams, skips }: Filling,
  transaction: Transaction<Database>,
  { after, pages, entries, recordedAtMs }: Batch,
): Promise<void> => {
  // What is kept with the rows is the tally of their events, and of none behind them.
  for (const page of pages) tally.takes(page);
  const apply = async (part: readonly Entry[]): Promise<void> => {
    const events = part.map((entry) => {
      if ('error' in entry) throw entry.error;
      return entry;
    });
    if (events.length > 0) await projection.apply(transaction, events);
    for (const { type } of events) tally.applied(type);
  };
  await inParts(transaction, entries, apply, (entry, error) => {
    if (deps.isUnavailable(error)) throw error;
    const { position, type } = 'error' in entry ? entry.stored : entry;
    const skip = skips.get(position.toString());
    if (skip === undefined) throw cannotApply(projection.name, position, type, error);
    tally.skipped({ ...skip, type });
  });
  await moveBuild(transaction, schema, after, tally.toJSON(), recordedAtMs);
  if (keepsStreams)
    await keepStreams(
      transaction,
      schema,
      pages.map(({ touched }) => touched),
    );
};

export const isOwn = ({ streamPrefixes }: BuildDeps, { stream }: StoredEvent): boolean =>
  streamPrefixes.some((prefix) => stream.startsWith(prefix));

/** None for a type of a later release. */
const entryOf = ({ codec }: BuildDeps, stored: StoredEvent): Entry | undefined => {
  try {
    const decoded = codec.decode(stored);
    return decoded.kind === 'event' ? decoded.event : undefined;
  } catch (error) {
    if (!(error instanceof CorruptEventError)) throw error;
    return { stored, error };
  }
};

/** As a whole if that works; else in ever smaller parts, down to the events that do not, and on behind them. */
const inParts = async (
  transaction: Transaction<Database>,
  entries: readonly Entry[],
  apply: (part: readonly Entry[]) => Promise<void>,
  onRefused: (entry: Entry, error: unknown) => void,
): Promise<void> => {
  const [first] = entries;
  if (first === undefined) return;
  await sql`savepoint part`.execute(transaction);
  try {
    await apply(entries);
    await sql`release savepoint part`.execute(transaction);
    return;
  } catch (error) {
    // Where the connection is lost, this is what rejects.
    await sql`rollback to savepoint part`.execute(transaction);
    await sql`release savepoint part`.execute(transaction);
    if (entries.length === 1) return onRefused(first, error);
  }
  const half = Math.ceil(entries.length / 2);
  await inParts(transaction, entries.slice(0, half), apply, onRefused);
  await inParts(transaction, entries.slice(half), apply, onRefused);
};

const cannotApply = (projection: string, position: bigint, type: string, cause: unknown): RebuildError => {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RebuildError(
    'event_cannot_be_applied',
    `${projection} cannot apply ${type} at position ${position}: ${why}`,
    { cause },
  );
};
