/**
 * Puts a build into the place of the live one, in one transaction. Readers never wait for longer than the locks of one
 * try may take, and whoever holds on to a table is never the one that loses.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { OwedSwap } from '../../domain/projection/index.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import type { Database, Db } from '../database.ts';
import { type BuildDeps, relationsOf } from './deps.ts';
import { type Filling, feedWithin } from './feed.ts';
import { lockLive } from './live.ts';
import { oweSwap } from './owed.ts';
import { createBuildSchema, dropSchema, schemaOf } from './schemas.ts';
import { namesIn, structureOf } from './structure.ts';
import type { Turn } from './turn.ts';

const SECOND = 1_000;
/**
 * How long a try may take to get all locks, and readers behind it wait at most. Well below the second after which
 * PostgreSQL looks for deadlocks and picks somebody: a reader of two tables could be picked.
 */
const LOCKS_MS = 100;
/** For the locks that no reader and no runner waits behind; long enough for an autovacuum to be told to go. */
const PATIENT_MS = 5 * SECOND;
const DEFAULT_MAX_WAIT_MS = 15 * SECOND;
const PAUSE_MS = 50;
const MAX_PAUSE_MS = SECOND;

export type Swap = {
  readonly filling: Filling;
  /** Its number. */
  readonly build: number;
  readonly liveSchema: string;
  readonly turn: Turn;
  /** What the log is to say of it, given the position at which the new build went live. */
  readonly owed: (position: bigint) => OwedSwap;
  readonly signal: AbortSignal;
};

export type Swapped = {
  readonly position: bigint;
  /** The longest that the runner waited for one of the tries. */
  readonly swapMs: number;
  /** The schema of the build that was live. */
  readonly replaced: string;
};

/** Rejects with `swap_timed_out`, and with the signal's reason between tries. */
export const swap = async (deps: BuildDeps, wanted: Swap): Promise<Swapped> => {
  const { maxSwapWaitMs = DEFAULT_MAX_WAIT_MS } = deps;
  const deadlineMs = performance.now() + maxSwapWaitMs;
  let swapMs = 0;
  for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    wanted.signal.throwIfAborted();
    const tried = await attempt(deps, wanted);
    swapMs = Math.max(swapMs, tried.heldMs);
    if (tried.kind === 'swapped') return { position: tried.position, swapMs, replaced: tried.replaced };
    if (performance.now() > deadlineMs) throw timedOut(wanted, maxSwapWaitMs);
    await delay(pauseMs);
  }
};

type Attempt = { readonly heldMs: number } & (
  | { readonly kind: 'busy' }
  | { readonly kind: 'swapped'; readonly position: bigint; readonly replaced: string }
);

/** What it has fed is kept, also where somebody was in the way of the swap. */
const attempt = async (deps: BuildDeps, wanted: Swap): Promise<Attempt> => {
  const { filling, liveSchema, turn } = wanted;
  const { projection, schema, tally } = filling;
  let lockedAtMs: number | undefined;
  const heldMs = () => (lockedAtMs === undefined ? 0 : performance.now() - lockedAtMs);
  const result = await filling.db.transaction().execute(async (transaction) => {
    await turn.confirm(transaction);
    await sameStructure(transaction, wanted);
    if (!(await keepVacuumAway(transaction, wanted))) return { kind: 'busy' } as const;
    const live = await tryToLock(transaction, PATIENT_MS, () =>
      lockLive(transaction, liveSchema, projection.name),
    );
    if (live === undefined) return { kind: 'busy' } as const;
    lockedAtMs = performance.now();
    const feeding = { until: live.position, signal: NEVER, onPages: () => undefined };
    await feedWithin(deps, filling, transaction, feeding);
    if (!(await lockTables(transaction, wanted))) return { kind: 'busy' } as const;
    const replaced = schemaOf(projection.name, live.build);
    await createBuildSchema(transaction, {
      ...{ schema: replaced, build: live.build, version: live.version },
      ...{ release: undefined, state: 'kept', tally: tally.toJSON(), recordedAtMs: live.recordedAtMs },
    });
    await exchange(transaction, wanted, replaced);
    const position = await pointLiveAt(transaction, wanted);
    await oweSwap(transaction, liveSchema, wanted.owed(position));
    await dropSchema(transaction, schema);
    return { kind: 'swapped', position, replaced } as const;
  });
  return { ...result, heldMs: heldMs() };
};

const NEVER = new AbortController().signal;

/** A migration may have come in between. */
const sameStructure = async (transaction: Db, { filling, liveSchema }: Swap): Promise<void> => {
  const relations = relationsOf(filling.projection);
  const live = await structureOf(transaction, liveSchema, relations);
  if (live === (await structureOf(transaction, filling.schema, relations))) return;
  throw new Error(`The tables of ${filling.projection.name} were changed during the work: begin again.`);
};

/** A lock that neither readers nor writers mind, and that autovacuum has to give way to. */
const keepVacuumAway = async (transaction: Transaction<Database>, wanted: Swap): Promise<boolean> => {
  const { tables } = relationsOf(wanted.filling.projection);
  const locked = await tryToLock(transaction, PATIENT_MS, async () => {
    const all = [wanted.liveSchema, wanted.filling.schema].flatMap((schema) =>
      tables.map((table) => sql.id(schema, table)),
    );
    return sql`lock table ${sql.join(all)} in share update exclusive mode`.execute(transaction);
  });
  return locked !== undefined;
};

const lockTables = async (transaction: Transaction<Database>, wanted: Swap): Promise<boolean> => {
  const { tables, views } = relationsOf(wanted.filling.projection);
  const { rows } = await sql<{ ms: number }>`
    select setting::integer as ms from pg_settings where name = 'deadlock_timeout'
  `.execute(transaction);
  const withinMs = Math.min(LOCKS_MS, Math.ceil((rows[0]?.ms ?? SECOND) / 2));
  const locked = await tryToLock(transaction, withinMs, async () => {
    const all = [...views, ...tables].map((name) => sql.id(wanted.liveSchema, name));
    return sql`lock table ${sql.join(all)} in access exclusive mode`.execute(transaction);
  });
  return locked !== undefined;
};

/** Undefined, and nothing locked by it, when it takes longer than that. */
const tryToLock = async <Result extends object>(
  transaction: Transaction<Database>,
  withinMs: number,
  lock: () => Promise<Result>,
): Promise<Result | undefined> => {
  await sql`savepoint locks`.execute(transaction);
  try {
    await sql`select set_config('statement_timeout', ${String(withinMs)}, true)`.execute(transaction);
    const result = await lock();
    await sql`set local statement_timeout to 0`.execute(transaction);
    return result;
  } catch (error) {
    await sql`rollback to savepoint locks`.execute(transaction);
    if (isLockFailure(error)) return undefined;
    throw error;
  }
};

/** Cancelled for its time, not available, or a deadlock that was found. */
const isLockFailure = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && ['57014', '55P03', '40P01'].includes(error.code ?? '');

/** The live tables to the schema of their build first, as names are unique within a schema. */
const exchange = async (
  transaction: Transaction<Database>,
  { filling, liveSchema }: Swap,
  replaced: string,
): Promise<void> => {
  const names = await namesIn(transaction, liveSchema, relationsOf(filling.projection));
  const move = (from: string, to: string) =>
    names.map(({ name, kind }) => `alter ${kind} "${from}"."${name}" set schema "${to}"`);
  const moves = [...move(liveSchema, replaced), ...move(filling.schema, liveSchema)];
  await sql.raw(moves.join(';\n')).execute(transaction);
};

const pointLiveAt = async (
  transaction: Transaction<Database>,
  { filling, build, liveSchema }: Swap,
): Promise<bigint> => {
  const { name, version } = filling.projection;
  const { rows } = await sql<{ position: string | null }>`
    update ${sql.id(liveSchema, 'projection')} live
    set version = ${version}, build = ${build}, stopped = null,
      position = greatest(live.position, nullif((build.tally ->> 'to')::bigint, -1)),
      recorded_at_ms = greatest(live.recorded_at_ms, build.recorded_at_ms)
    from ${sql.id(filling.schema, 'build')} build
    where live.name = ${name}
    returning live.position
  `.execute(transaction);
  return BigInt(rows[0]?.position ?? -1);
};

const timedOut = ({ filling }: Swap, maxWaitMs: number): RebuildError =>
  new RebuildError(
    'swap_timed_out',
    `Readers held on to the tables of ${filling.projection.name} for ${maxWaitMs / SECOND} s. ` +
      'Nothing was changed; the new version is kept, and the next rebuild goes on with it.',
  );
