/** How the projections of this process are doing: how far behind, how fast, and what went wrong last. */
import type { SourceState } from '../eventstore/log-source.ts';
import { createRate } from '../eventstore/subscription/rate.ts';
import type { Checkpoint, Stopped } from './checkpoint.ts';

export type ProjectionError = { readonly message: string; readonly atMs: number };

export type ProjectionState = {
  readonly name: string;
  /** Of the code that has filled all its rows. */
  readonly version: number;
  /** Which build of its tables is live. */
  readonly build: number;
  /** Commit position in `$all` up to which everything is applied or passed over; -1 before the first event. */
  readonly position: bigint;
  /** When the last event that was applied was recorded. */
  readonly recordedAtMs: number | undefined;
  /**
   * `unavailable` while what was tried last failed for want of a store; it is tried again by itself. `stopped` at an
   * event that cannot be applied, until somebody says retry or skip. `not_running`: no process has it in hand.
   */
  readonly state: 'running' | 'stopped' | 'unavailable' | 'not_running';
  readonly stopped: Stopped | undefined;
  /**
   * At most how long ago the oldest event was recorded that is not applied yet, by this process's clock; 0 when all
   * is applied, undefined while nothing is known.
   */
  readonly lagMs: number | undefined;
  /** Events that have arrived and are not applied: at least so many it is behind, if it wants them all. */
  readonly waitingEvents: number;
  /** Over the last seconds. */
  readonly eventsPerSecond: number;
  /** By this process. */
  readonly eventsApplied: number;
  /** Kept after recovery. */
  readonly lastError: ProjectionError | undefined;
};

type Clock = { readonly nowMs: () => number; readonly monotonicMs: () => number };

/** What is being applied at this moment. */
type InFlight = { readonly events: number; readonly oldestRecordedAtMs: number | undefined };

export type Progress = {
  readonly began: (batch: readonly { readonly event: { readonly recordedAtMs: number } }[]) => void;
  readonly applied: (name: string, events: number) => void;
  /** The batch that began is applied. */
  readonly ended: () => void;
  readonly failed: (error: unknown) => void;
  readonly worked: () => void;
  readonly stoppedAt: (name: string, error: string) => void;
  /** The source begins again, perhaps further back. */
  readonly restarted: () => void;
  /** `reached` is how far the source has been followed. */
  readonly stateOf: (
    checkpoint: Checkpoint,
    source: SourceState | undefined,
    reached: bigint,
  ) => ProjectionState;
};

export const createProgress = (names: readonly string[], clock: Clock): Progress => {
  const counters = new Map(names.map((name) => [name, { applied: 0, rate: createRate(clock.monotonicMs) }]));
  const ownErrors = new Map<string, ProjectionError>();
  let inFlight: InFlight | undefined;
  let isFailing = false;
  let lastError: ProjectionError | undefined;
  let sourceError: Error | undefined;
  /** When the source had nothing left that was not applied. */
  let liveAtMs: number | undefined;

  const errorOf = (error: unknown): ProjectionError => ({
    message: error instanceof Error ? error.message : String(error),
    atMs: clock.nowMs(),
  });

  return {
    began: (batch) => {
      inFlight = { events: batch.length, oldestRecordedAtMs: batch[0]?.event.recordedAtMs };
    },
    applied: (name, events) => {
      const counter = counters.get(name);
      if (counter === undefined) return;
      counter.applied += events;
      counter.rate.mark(events);
    },
    ended: () => {
      inFlight = undefined;
      isFailing = false;
    },
    failed: (error) => {
      isFailing = true;
      lastError = errorOf(error);
    },
    worked: () => {
      isFailing = false;
    },
    stoppedAt: (name, error) => ownErrors.set(name, errorOf(error)),
    restarted: () => {
      inFlight = undefined;
      liveAtMs = undefined;
    },
    stateOf: (checkpoint, source, reached) => {
      const nowMs = clock.nowMs();
      const isLive = source?.status === 'live' && source.bufferedEvents === 0;
      if (isLive && inFlight === undefined) liveAtMs = nowMs;
      if (source?.lastError !== undefined && source.lastError !== sourceError) {
        sourceError = source.lastError;
        lastError = errorOf(sourceError);
      }
      const isAway = isFailing || source?.status === 'backing-off' || source?.status === 'failed';
      const counter = counters.get(checkpoint.name);
      const isAtSource = checkpoint.position >= reached;
      return {
        ...checkpoint,
        state: checkpoint.stopped ? 'stopped' : isAway ? 'unavailable' : 'running',
        lagMs: lagMs({ checkpoint, isAtSource, isLive, inFlight, liveAtMs, nowMs }),
        waitingEvents: (inFlight?.events ?? 0) + (source?.bufferedEvents ?? 0),
        eventsPerSecond: counter?.rate.perSecond() ?? 0,
        eventsApplied: counter?.applied ?? 0,
        lastError: later(ownErrors.get(checkpoint.name), lastError),
      };
    },
  };
};

export type Lag = {
  readonly checkpoint: Pick<Checkpoint, 'recordedAtMs' | 'stopped'>;
  /** False for a projection that stands further back than the source has been followed. */
  readonly isAtSource: boolean;
  /** The source has nothing left, but for what is in flight. */
  readonly isLive: boolean;
  readonly inFlight: InFlight | undefined;
  readonly liveAtMs: number | undefined;
  readonly nowMs: number;
};

/**
 * Never less than the age of the oldest event that is not applied, as long as the clocks of store and process agree:
 * where that event is not known, it came after the last one applied, and after the moment when all was applied.
 */
export const lagMs = (lag: Lag): number | undefined => {
  const { checkpoint, inFlight, liveAtMs } = lag;
  const since = (ms: number | undefined) => (ms === undefined ? undefined : Math.max(0, lag.nowMs - ms));
  if (checkpoint.stopped !== undefined) return since(checkpoint.stopped.recordedAtMs);
  if (!lag.isAtSource) return since(checkpoint.recordedAtMs);
  if (inFlight?.oldestRecordedAtMs !== undefined) return since(inFlight.oldestRecordedAtMs);
  if (lag.isLive) return 0;
  const known = [checkpoint.recordedAtMs, liveAtMs].filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : since(Math.max(...known));
};

const later = (
  one: ProjectionError | undefined,
  other: ProjectionError | undefined,
): ProjectionError | undefined => ((one?.atMs ?? 0) > (other?.atMs ?? 0) ? one : (other ?? one));
