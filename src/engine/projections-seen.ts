/**
 * The read models as operators see them, whichever process runs them: those in SQL and what Redis shows of the log.
 * One list, so that whoever shows, rebuilds or verifies them all means the same ones.
 */
import type { ProjectionStatus } from '../api/operations.ts';
import { orderQueueEventSpecs } from '../domain/order-queue/index.ts';
import { saleEventSpecs } from '../domain/sale/index.ts';
import type { VersionsClient } from '../gate/index.ts';
import { type GateReport, readGateReport } from '../live/gate-reports.ts';
import { createBuilds } from '../live/rebuild/builds.ts';
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

/** A projector that has said nothing for so long is gone. */
const REPORT_TTL_MS = 10_000;
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

export type SeeDeps = {
  readonly db: Db;
  /** Undefined where Redis is not to be reached. */
  readonly redis: VersionsClient | undefined;
  readonly nowMs: () => number;
};

/** Rejects with what the database rejects with; without Redis, what it shows is shown as unavailable. */
export const seeProjections = async (deps: SeeDeps): Promise<readonly ProjectionSeen[]> => {
  const { db } = deps;
  const states = new Map((await projectionStates(db)).map((state) => [state.name, state]));
  const redis = await seeRedis(deps);
  const seen = knownProjections().map(async (known): Promise<ProjectionSeen> => {
    if (known.store === 'redis') return { ...known, ...redis, build: await redisBuild(deps, known.name) };
    const state = states.get(known.name) ?? neverRun(known.codeVersion);
    return { ...known, ...state, codeVersion: known.codeVersion };
  });
  return Promise.all(seen);
};

const redisBuild = async ({ redis }: SeeDeps, name: string): Promise<number | undefined> =>
  redis &&
  createBuilds(redis, name)
    .live()
    .catch(() => undefined);

const neverRun = (version: number) => ({
  ...{ version, position: -1n, state: 'not_running' as const },
  ...{ stopped: undefined, lagMs: undefined, lastError: undefined },
  ...{ build: undefined, waitingEvents: undefined, eventsPerSecond: undefined },
});

/** Its projector never stops: it waits for a Redis that is away. */
const seeRedis = async ({ db, redis, nowMs }: SeeDeps) => {
  const unknown = neverRun(REDIS_VERSION);
  const report = await readReport(redis);
  if (report === 'unavailable' || report === undefined) {
    const place = await placesInSnapshots(createSnapshotStore(db), GATE_PROJECTOR_PLACE).load();
    const state = report ?? unknown.state;
    return { ...unknown, position: place?.position ?? -1n, state };
  }
  const { lastError, position = -1n } = report;
  if (nowMs() - report.atMs > REPORT_TTL_MS) return { ...unknown, position, lastError };
  const { lagMs, lagEvents: waitingEvents } = report;
  return { ...unknown, position, lastError, lagMs, waitingEvents, state: 'running' as const };
};

const readReport = async (redis: SeeDeps['redis']): Promise<GateReport | undefined | 'unavailable'> =>
  redis === undefined ? 'unavailable' : readGateReport(redis).catch(() => 'unavailable' as const);

/** Rejects with what the database rejects with. */
export const projectionsSeen = async (deps: SeeDeps): Promise<readonly ProjectionStatus[]> =>
  (await seeProjections(deps)).map((seen) => ({
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
