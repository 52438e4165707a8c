/**
 * Follows the log and keeps in Redis what follows from it: counters, seat maps and order statuses. Redis may be away,
 * emptied or set back at any time; then it is filled again from the fold of each sale, and where a live sale was set
 * back, the orders of the events since then are told of again. Several projectors may run at once; a lease that
 * leaves one of them saves work, nothing else.
 */
import { LRUCache } from 'lru-cache';
import type { OrderNumber, ProgramId, RequestId } from '../domain/shared/ids.ts';
import type { GateReport } from './gate-reports.ts';
import { createGateSales, type GateSales, type GateSalesDeps } from './gate-sales.ts';
import type { OrderStatuses } from './order-statuses.ts';
import { createPersevering, type Sleep } from './persevering.ts';
import { type GateIncoming, project } from './projecting.ts';
import type { SavedPlaces } from './saved-place.ts';
import { changesOf } from './status-changes.ts';
import { createTelling } from './telling.ts';

const LOOK_EVERY_MS = 1_000;
/** At 200 bytes a place: some 200 MB of folded sales. */
const MAX_PLACES = 1_000_000;
/** Queued orders that are not decided yet; beyond them a rejected order's reservation ends at its deadline. */
const MAX_QUEUED = 100_000;

export type GateBatch = { readonly events: readonly GateIncoming[]; readonly position: bigint };

/** The streams of sales and of the order queue, in the order of the log. A batch that was rejected comes again. */
export type GateSource = {
  readonly start: (
    from: bigint | 'start',
    onBatch: (batch: GateBatch) => Promise<void>,
  ) => { readonly stop: () => Promise<void> };
};

export type GateProjectorDeps = Pick<GateSalesDeps, 'gate' | 'log' | 'snapshots'> & {
  readonly source: GateSource;
  readonly statuses: Pick<OrderStatuses, 'write'>;
  readonly places: SavedPlaces;
  /** Tells other processes how this one does, once a second. */
  readonly report?: (report: GateReport) => Promise<void>;
  readonly nowMs: () => number;
  readonly sleep: Sleep;
  /** For the log; the state has the last one too. */
  readonly onTrouble?: (error: Error) => void;
  /** Places of all halls that are kept folded. */
  readonly maxPlaces?: number;
  /** How often the counters of live sales are looked at; 1 s unless given. */
  readonly lookEveryMs?: number;
};

export type GateProjectorState = {
  /** Everything up to here is in Redis; undefined before anything is. */
  readonly position: bigint | undefined;
  /** Events of sales that were put into Redis since the start. */
  readonly applied: number;
  /** How often counters were filled from a fold. */
  readonly refills: number;
  /** Of the batch at hand; 0 while there is none. */
  readonly lagEvents: number;
  /** How old the first event of the batch at hand is; 0 while there is none. */
  readonly lagMs: number;
  readonly liveSales: number;
  /** Sales whose log cannot be folded; the gate is open for them. */
  readonly brokenSales: readonly ProgramId[];
  /** The last thing that went wrong, kept after recovery. */
  readonly lastError: { readonly message: string; readonly atMs: number } | undefined;
};

export type GateProjector = {
  readonly state: () => GateProjectorState;
  /** Waits for the batch at hand, or lets go of it where Redis is away. */
  readonly stop: () => Promise<void>;
};

/** What the parts of a running projector share. */
type Running = {
  readonly deps: GateProjectorDeps;
  readonly sales: GateSales;
  readonly stopping: AbortSignal;
  readonly turn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly onTrouble: (error: unknown) => void;
  position: bigint | undefined;
  savedPosition: bigint | undefined;
  atHand: { readonly events: number; readonly sinceMs: number } | undefined;
  lastError: GateProjectorState['lastError'];
};

/** Rejects where the saved place cannot be read. */
export const startGateProjector = async (deps: GateProjectorDeps): Promise<GateProjector> => {
  const { nowMs, sleep } = deps;
  const stop = new AbortController();
  const stopping = stop.signal;
  const onTrouble = (cause: unknown): void => {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    running.lastError = { message: error.message, atMs: nowMs() };
    deps.onTrouble?.(error);
  };
  const persevere = createPersevering({ sleep, stopping, onTrouble });
  const write = createTelling(deps.statuses, persevere);
  const queued = new LRUCache<OrderNumber, RequestId>({ max: MAX_QUEUED });
  const sales = createGateSales({
    ...deps,
    maxPlaces: deps.maxPlaces ?? MAX_PLACES,
    requestOf: (orderNumber) => queued.get(orderNumber),
    tell: (programId, state, occurrences) => write(changesOf(state, programId, occurrences)),
    persevere,
    stopping,
    onTrouble: (error, programId) => onTrouble(new Error(`${programId}: ${error.message}`, { cause: error })),
  });
  const saved = await deps.places.load();
  for (const programId of saved?.liveSales ?? []) sales.expect(programId);
  const running: Running = {
    ...{ deps, sales, stopping, onTrouble, turn: createTurn() },
    ...{ position: saved?.position, savedPosition: saved?.position },
    ...{ atHand: undefined, lastError: undefined },
  };
  const projecting = { sales, queued, write, onTrouble, nowMs };
  const subscription = deps.source.start(running.position ?? 'start', (batch) =>
    takeBatch(running, batch, () => project(projecting, batch.events)),
  );
  const looking = Promise.all([lookAround(running), reportOften(running)]);
  return {
    state: () => stateOf(running),
    stop: async () => {
      stop.abort();
      await subscription.stop();
      await looking;
      await save(running).catch(onTrouble);
    },
  };
};

const takeBatch = async (running: Running, batch: GateBatch, work: () => Promise<void>): Promise<void> => {
  const sinceMs = batch.events[0]?.event.recordedAtMs ?? running.deps.nowMs();
  running.atHand = { events: batch.events.length, sinceMs };
  try {
    await running.turn(work);
    running.position = batch.position;
    running.atHand = undefined;
  } catch (error) {
    if (!running.stopping.aborted) running.onTrouble(error);
    throw error;
  }
};

/** Every second: what nobody reports is found out, and the place written down. */
const lookAround = async (running: Running): Promise<void> => {
  const { sales, stopping, turn, deps, onTrouble } = running;
  while (!stopping.aborted) {
    try {
      for (const programId of sales.live()) {
        if (stopping.aborted) return;
        await turn(() => sales.look(programId));
      }
      await save(running);
    } catch (error) {
      if (!stopping.aborted) onTrouble(error);
    }
    await deps.sleep(deps.lookEveryMs ?? LOOK_EVERY_MS, stopping);
  }
};

/** By itself: one that waits for something is what others want to hear of. Whoever looks around tells of Redis. */
const reportOften = async (running: Running): Promise<void> => {
  const { deps, stopping } = running;
  while (deps.report !== undefined && !stopping.aborted) {
    await deps.report({ ...stateOf(running), atMs: deps.nowMs() }).catch(() => undefined);
    await deps.sleep(deps.lookEveryMs ?? LOOK_EVERY_MS, stopping);
  }
};

const save = async (running: Running): Promise<void> => {
  const { position, savedPosition, sales, deps } = running;
  if (position === undefined || position === savedPosition) return;
  await deps.places.save({ position, liveSales: sales.live() });
  running.savedPosition = position;
};

const stateOf = ({ position, atHand, sales, lastError, deps }: Running): GateProjectorState => ({
  position,
  ...sales.counts(),
  lagEvents: atHand?.events ?? 0,
  lagMs: atHand === undefined ? 0 : Math.max(0, deps.nowMs() - atHand.sinceMs),
  liveSales: sales.live().length,
  brokenSales: sales.broken(),
  lastError,
});

/** One at a time: a look must not fill what a batch is about to change. */
const createTurn = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
};
