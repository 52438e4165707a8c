/**
 * Runs the SQL projections from one subscription: an event is fetched and decoded once, whoever wants it. It looks at
 * the checkpoints every second, so that whoever changes one of them, in whatever process, is followed.
 */
import type { LogBatch, LogSource, RunningSource } from '../eventstore/log-source.ts';
import { applyBatch } from './apply.ts';
import {
  type Checkpoint,
  ensureCheckpoints,
  type ResumeHow,
  type ResumeOutcome,
  readCheckpoints,
  requestResume,
  type Stopped,
} from './checkpoint.ts';
import type { Db } from './database.ts';
import { createProgress, type ProjectionState } from './progress.ts';
import type { Projection } from './projection.ts';
import { writeReports } from './reports.ts';

export type { ProjectionState } from './progress.ts';

const SECOND = 1_000;
const LOOK_MS = SECOND;

/**
 * For the source: what a batch costs beside its events is shared by so many when they come thick and fast. Larger
 * ones gain nothing and keep locks longer.
 */
export const PROJECTIONS_BATCH_MAX_EVENTS = 2_000;
/** In a stampede one transaction for many orders saves more of the machine than their being shown a moment earlier is worth. */
export const PROJECTIONS_BUSY_WAIT_MS = 50;

export type RunnerOptions<Event extends { readonly type: string }> = {
  readonly db: Db;
  readonly source: LogSource<Event>;
  readonly projections: readonly Projection<Event>[];
  /** True for errors of the connection to the database: these are waited out, not blamed on an event. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly onStopped: (name: string, stopped: Stopped) => void;
};

export type Runner = {
  /** While the database is away, as they were when it was last there. */
  readonly states: () => Promise<readonly ProjectionState[]>;
  /** As `requestResume`, without the second that another process has to wait. */
  readonly resume: (name: string, how: ResumeHow, askedBy?: string) => Promise<ResumeOutcome>;
  readonly stop: () => Promise<void>;
};

/** A subscription, and how far it has been followed. */
type Following = { reached: bigint; readonly source: RunningSource };

/** Rejects when the database is away. */
export const startProjections = async <Event extends { readonly type: string }>(
  options: RunnerOptions<Event>,
): Promise<Runner> => {
  const { db, projections, isUnavailable } = options;
  const names = projections.map(({ name }) => name);
  const progress = createProgress(names, { nowMs: Date.now, monotonicMs: () => performance.now() });
  const onStopped = (name: string, stopped: Stopped) => {
    progress.stoppedAt(name, stopped.error);
    options.onStopped(name, stopped);
  };
  const deps = { db, projections, isUnavailable, onStopped, onApplied: progress.applied };
  const alarm = createAlarm();
  let checkpoints: readonly Checkpoint[] = [];
  let following: Following | undefined;

  const follow = (from: bigint): Following => {
    const place = { reached: from };
    const onBatch = async (batch: LogBatch<Event>): Promise<void> => {
      progress.began(batch.events);
      try {
        const result = await applyBatch(deps, { ...batch, after: place.reached });
        place.reached = batch.position;
        progress.ended();
        if (result === 'behind') alarm.ring();
      } catch (error) {
        // It comes again, and so is still in flight.
        progress.failed(error);
        throw error;
      }
    };
    progress.restarted();
    return Object.assign(place, { source: options.source.start(from < 0n ? 'start' : from, onBatch) });
  };

  /** Begins to follow the log, or goes back to where a projection stands that the subscription has passed. */
  const look = async (): Promise<void> => {
    // Before the checkpoints are read: those that take part are at least here by then.
    const reached = following?.reached;
    checkpoints = [...(await readCheckpoints(db, names)).values()];
    const least = leastOf(checkpoints);
    const isOver = following?.source.state().status === 'failed';
    if (least !== undefined && (reached === undefined || least < reached || isOver)) {
      await following?.source.stop();
      following = follow(least);
    }
    await writeReports(db, statesNow());
    progress.worked();
  };

  const statesNow = (): readonly ProjectionState[] => {
    const source = following?.source.state();
    return checkpoints.map((checkpoint) => progress.stateOf(checkpoint, source, following?.reached ?? -1n));
  };

  await ensureCheckpoints(db, projections);
  await look();
  const looking = lookUntilStopped(look, alarm, progress.failed);

  return {
    states: async () => {
      try {
        checkpoints = [...(await readCheckpoints(db, names)).values()];
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        progress.failed(error);
      }
      return statesNow();
    },
    resume: async (name, how, askedBy) => {
      const result = await requestResume(db, name, how, askedBy);
      if (result === 'resumed') alarm.ring();
      return result;
    },
    stop: async () => {
      alarm.stop();
      await looking;
      await following?.source.stop();
    },
  };
};

/** Of the projections that are not stopped; undefined when all are. */
const leastOf = (checkpoints: readonly Checkpoint[]): bigint | undefined =>
  checkpoints
    .filter(({ stopped }) => stopped === undefined)
    .reduce<bigint | undefined>(
      (least, { position }) => (least === undefined || position < least ? position : least),
      undefined,
    );

const lookUntilStopped = async (
  look: () => Promise<void>,
  alarm: Alarm,
  onError: (error: unknown) => void,
): Promise<void> => {
  while (await alarm.next(LOOK_MS)) await look().catch(onError);
};

type Alarm = {
  /** Resolves after so many milliseconds, or when it rings; with false once it is stopped. */
  readonly next: (afterMs: number) => Promise<boolean>;
  readonly ring: () => void;
  readonly stop: () => void;
};

const createAlarm = (): Alarm => {
  let isStopped = false;
  let hasRung = false;
  let wake = (): void => undefined;
  const ring = (): void => {
    hasRung = true;
    wake();
  };
  return {
    next: async (afterMs) => {
      if (!hasRung) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, afterMs);
          wake = () => {
            clearTimeout(timer);
            done();
          };
        });
      }
      hasRung = false;
      return !isStopped;
    },
    ring,
    stop: () => {
      isStopped = true;
      ring();
    },
  };
};
