/**
 * The read models as operators see them, whichever process runs them: those in SQL and what Redis shows of the log.
 * One list, so that whoever shows, rebuilds or verifies them all means the same ones.
 */
import { sql } from 'kysely';
import type { ProjectionStatus } from '../api/operations.ts';
import { orderQueueEventSpecs } from '../domain/order-queue/index.ts';
import { saleEventSpecs } from '../domain/sale/index.ts';
import { GATE_PROJECTOR_PLACE, placesInSnapshots } from '../live/saved-place.ts';
import { createSnapshotStore } from '../postgres/snapshots.ts';
import type { Db } from '../projections/database.ts';
import type { ProjectionState } from '../projections/progress.ts';
import { createProjections } from '../projections/registry.ts';
import { projectionStates } from '../projections/reports.ts';

/** Of the running code. */
export type KnownProjection = {
  readonly name: string;
  readonly store: 'sql' | 'redis';
  readonly codeVersion: number;
  /** Types of the events that change it. */
  readonly handles: ReadonlySet<string>;
};

export type ProjectionSeen = KnownProjection &
  Pick<ProjectionState, 'version' | 'position' | 'state' | 'stopped' | 'lagMs' | 'lastError'> & {
    /** Counts the versions that were built of it; undefined where nobody counts. */
    readonly build: number | undefined;
    readonly waitingEvents: number | undefined;
    readonly eventsPerSecond: number | undefined;
  };

/** The lease of whoever puts the log into Redis, as `worker.ts` names it. */
const REDIS_LEASE = 'redis';
const REDIS_VERSION = 1;

const typesForRedis: ReadonlySet<string> = new Set(
  [...saleEventSpecs, ...orderQueueEventSpecs].map(({ type }) => type),
);

/** In the order in which they are shown. */
export const knownProjections = (): readonly KnownProjection[] => [
  ...createProjections().map(({ name, version, handles }) => ({
    ...{ name, store: 'sql' as const, codeVersion: version },
    handles: new Set<string>(handles),
  })),
  ...['gate', 'order_statuses'].map((name) => ({
    ...{ name, store: 'redis' as const, codeVersion: REDIS_VERSION },
    handles: typesForRedis,
  })),
];

/** Rejects with what the database rejects with. */
export const seeProjections = async (db: Db): Promise<readonly ProjectionSeen[]> => {
  const states = new Map((await projectionStates(db)).map((state) => [state.name, state]));
  const redis = await seeRedis(db);
  return knownProjections().map((known) => {
    if (known.store === 'redis') return { ...known, ...redis };
    const state = states.get(known.name);
    return { ...known, build: undefined, ...(state ?? neverRun(known.codeVersion)) };
  });
};

const neverRun = (version: number) => ({
  ...{ version, position: -1n, state: 'not_running' as const },
  ...{ stopped: undefined, lagMs: undefined, lastError: undefined },
  ...{ waitingEvents: 0, eventsPerSecond: 0 },
});

/** Its projector writes down where it is every second, and never stops: it waits for a Redis that is away. */
const seeRedis = async (db: Db) => {
  const place = await placesInSnapshots(createSnapshotStore(db), GATE_PROJECTOR_PLACE).load();
  const lease = await db
    .selectFrom('work_lease')
    .select('holder')
    .where('name', '=', REDIS_LEASE)
    .where('until', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return {
    ...neverRun(REDIS_VERSION),
    ...{ build: undefined, waitingEvents: undefined, eventsPerSecond: undefined },
    position: place?.position ?? -1n,
    state: lease === undefined ? ('not_running' as const) : ('running' as const),
  };
};

/** Rejects with what the database rejects with. */
export const projectionsSeen = async (db: Db): Promise<readonly ProjectionStatus[]> =>
  (await seeProjections(db)).map((seen) => ({
    name: seen.name,
    store: seen.store,
    version: seen.version,
    codeVersion: seen.codeVersion,
    build: seen.build ?? null,
    position: seen.position < 0n ? null : seen.position.toString(),
    lagMs: seen.lagMs ?? null,
    lagEvents: seen.waitingEvents ?? null,
    eventsPerSecond: seen.eventsPerSecond ?? null,
    state: seen.state,
    stoppedAt: seen.stopped ?? null,
    lastError: seen.lastError ?? null,
  }));
