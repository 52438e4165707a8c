/** Reads the log into a build: a page of it, what was made of it and how far it goes are one transaction. */
import { sql, type Transaction } from 'kysely';
import { CorruptEventError, type StoredEvent } from '../../eventstore/index.ts';
import { type LogPage, readLog } from '../../rebuild/log-pages.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import type { Skip, Tally } from '../../rebuild/tally.ts';
import type { Database, Db } from '../database.ts';
import type { Projected } from '../projection.ts';
import type { EngineEvent } from '../registry.ts';
import type { BuildDeps, EngineProjection } from './deps.ts';
import { moveBuild } from './schemas.ts';

/** A build that is being filled. `db` writes into its schema. */
export type Filling = {
  readonly schema: string;
  readonly db: Db;
  readonly projection: EngineProjection;
  /** Of no more use once a transaction was rolled back. */
  readonly tally: Tally;
  /** By position. */
  readonly skips: ReadonlyMap<string, Skip>;
};

type Feeding = {
  /** Commit position of the last event that is wanted. */
  readonly until: bigint;
  readonly signal: AbortSignal;
  /** After each page. */
  readonly onPage: () => void;
};

/**
 * Every page in a transaction of its own. Up to three are in memory: while one is being written, the next is decoded, and
 * the one after it read. Rejects with `RebuildError`, and with the signal's reason between pages.
 */
export const feed = async (deps: BuildDeps, filling: Filling, feeding: Feeding): Promise<void> => {
  const write = async (page: DecodedPage): Promise<void> => {
    await filling.db.transaction().execute(async (transaction) => {
      // Whatever is lost in a crash is lost with its place in the log, and read again.
      await sql`set local synchronous_commit to off`.execute(transaction);
      await takePage(deps, filling, transaction, page);
    });
    feeding.onPage();
  };
  let writing: Promise<unknown> = Promise.resolve();
  try {
    for await (const page of pagesFor(deps, filling, feeding)) {
      const decoded = decodePage(deps, filling, page);
      await writing;
      writing = write(decoded);
      // It is heard of when the next page is there.
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
};

/** The same within one transaction. */
export const feedWithin = async (
  deps: BuildDeps,
  filling: Filling,
  transaction: Transaction<Database>,
  feeding: Feeding,
): Promise<void> => {
  for await (const page of pagesFor(deps, filling, feeding)) {
    await takePage(deps, filling, transaction, decodePage(deps, filling, page));
    feeding.onPage();
  }
};

const pagesFor = ({ log, pageMaxEvents }: BuildDeps, { tally }: Filling, { until, signal }: Feeding) =>
  readLog(log, {
    ...{ after: tally.position(), until, signal },
    ...(pageMaxEvents !== undefined && { pageMaxEvents }),
  });

type Entry =
  | { readonly event: Projected<EngineEvent> }
  | { readonly stored: StoredEvent; readonly error: CorruptEventError };

type DecodedPage = { readonly page: LogPage; readonly entries: readonly Entry[] };

const decodePage = (deps: BuildDeps, { projection }: Filling, page: LogPage): DecodedPage => {
  const wanted = new Set<string>(projection.handles);
  const own = { ...page, events: page.events.map((event) => ownOrRenamed(deps, wanted, event)) };
  const entries = own.events.flatMap((stored) => (wanted.has(stored.type) ? entryOf(deps, stored) : []));
  return { page: own, entries };
};

const takePage = async (
  deps: BuildDeps,
  { schema, projection, tally, skips }: Filling,
  transaction: Transaction<Database>,
  { page, entries }: DecodedPage,
): Promise<void> => {
  tally.sees(page);
  const apply = async (part: readonly Entry[]): Promise<void> => {
    const events = part.map((entry) => {
      if ('error' in entry) throw entry.error;
      return entry.event;
    });
    if (events.length > 0) await projection.apply(transaction, events);
    for (const { type } of events) tally.applied(type);
  };
  await inParts(transaction, entries, apply, (entry, error) => {
    if (deps.isUnavailable(error)) throw error;
    const { position, type } = 'error' in entry ? entry.stored : entry.event;
    const skip = skips.get(position.toString());
    if (skip === undefined) throw cannotApply(projection.name, position, type, error);
    tally.skipped({ ...skip, type });
  });
  const last = page.events.at(-1);
  await moveBuild(transaction, schema, page.after, tally.toJSON(), last?.recordedAtMs);
};

/** What only has the name of an event of ours counts under another one, which nothing handles. */
const ownOrRenamed = (deps: BuildDeps, wanted: ReadonlySet<string>, event: StoredEvent): StoredEvent =>
  !wanted.has(event.type) || isOwn(deps, event)
    ? event
    : { ...event, type: `${event.type} (in a stream of others)` };

export const isOwn = ({ streamPrefixes }: BuildDeps, { stream }: StoredEvent): boolean =>
  streamPrefixes.some((prefix) => stream.startsWith(prefix));

/** None for a type of a later release. */
const entryOf = ({ codec }: BuildDeps, stored: StoredEvent): readonly Entry[] => {
  try {
    const decoded = codec.decode(stored);
    return decoded.kind === 'event' ? [{ event: decoded.event }] : [];
  } catch (error) {
    if (!(error instanceof CorruptEventError)) throw error;
    return [{ stored, error }];
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
