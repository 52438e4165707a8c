/**
 * Runs the SQL projections from one subscription: an event is fetched and decoded once, whoever wants it. A batch
 * is one transaction for all of them; when it fails, each is tried alone, and an event that one cannot apply stops
 * that one only, by name, until somebody says retry or skip.
 */
import type { LogBatch, LogEntry, LogSource } from '../eventstore/log-source.ts';
import {
  type Checkpoint,
  ensureCheckpoints,
  lockCheckpoints,
  markRunning,
  markStopped,
  moveCheckpoints,
  readCheckpoints,
  type Stopped,
} from './checkpoint.ts';
import type { Db } from './database.ts';
import type { Projected, Projection } from './projection.ts';

export type RunnerOptions<Event extends { readonly type: string }> = {
  readonly db: Db;
  readonly source: LogSource<Event>;
  readonly projections: readonly Projection<Event>[];
  /** True for errors of the connection to the database: these are waited out, not blamed on an event. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly onStopped: (name: string, stopped: Stopped) => void;
};

export type ProjectionState = Checkpoint & { readonly eventsApplied: number };

export type Runner = {
  readonly states: () => Promise<readonly ProjectionState[]>;
  /** Applies the event again that the projection stands at, or passes it over, and goes on from there. */
  readonly resume: (name: string, how: 'retry' | 'skip') => Promise<'resumed' | 'not_stopped' | 'unknown'>;
  readonly stop: () => Promise<void>;
};

export const startProjections = async <Event extends { readonly type: string }>(
  options: RunnerOptions<Event>,
): Promise<Runner> => {
  const { db, projections, source } = options;
  const names = projections.map(({ name }) => name);
  const applied = new Map(names.map((name) => [name, 0]));

  await ensureCheckpoints(db, projections);

  const start = async () => {
    const checkpoints = [...(await readCheckpoints(db, names)).values()];
    const running = checkpoints.filter(({ stopped }) => stopped === undefined);
    const from = running.reduce<bigint | undefined>(
      (least, { position }) => (least === undefined || position < least ? position : least),
      undefined,
    );
    return source.start(from === undefined || from < 0n ? 'start' : from, onBatch);
  };

  const onBatch = async (batch: LogBatch<Event>): Promise<void> => {
    try {
      await applyBatch(projections, batch);
    } catch (error) {
      if (options.isUnavailable(error)) throw error;
      for (const projection of projections) await applyAlone(projection, batch);
    }
  };

  /** One transaction: rows of all these projections, and their checkpoints. */
  const applyBatch = async (those: readonly Projection<Event>[], batch: LogBatch<Event>): Promise<void> => {
    const counts = new Map<string, number>();
    await db.transaction().execute(async (transaction) => {
      const checkpoints = await lockCheckpoints(
        transaction,
        those.map(({ name }) => name),
      );
      const moved: string[] = [];
      for (const projection of those) {
        const checkpoint = checkpoints.get(projection.name);
        if (checkpoint === undefined || checkpoint.stopped || checkpoint.position >= batch.position) continue;
        const events = wantedBy(projection, batch, checkpoint.position);
        if (events.length > 0) await projection.apply(transaction, events);
        counts.set(projection.name, events.length);
        moved.push(projection.name);
      }
      await moveCheckpoints(transaction, moved, batch.position, batch.events.at(-1)?.event.recordedAtMs);
    });
    for (const [name, count] of counts) applied.set(name, (applied.get(name) ?? 0) + count);
  };

  /** Behind a failed batch: as a whole if that works now, else event by event up to the one that does not. */
  const applyAlone = async (projection: Projection<Event>, batch: LogBatch<Event>): Promise<void> => {
    try {
      return await applyBatch([projection], batch);
    } catch (error) {
      if (options.isUnavailable(error)) throw error;
    }
    for (const incoming of batch.events) {
      const { position } = incoming.event;
      try {
        await applyBatch([projection], { events: [incoming], position });
      } catch (error) {
        if (options.isUnavailable(error)) throw error;
        const stopped = stoppedAt(incoming, error);
        await markStopped(db, projection.name, stopped);
        options.onStopped(projection.name, stopped);
        return;
      }
    }
    await applyBatch([projection], { events: [], position: batch.position });
  };

  let subscription = await start();
  return {
    states: async () =>
      [...(await readCheckpoints(db, names)).values()].map((checkpoint) => ({
        ...checkpoint,
        eventsApplied: applied.get(checkpoint.name) ?? 0,
      })),
    resume: async (name, how) => {
      const checkpoint = (await readCheckpoints(db, [name])).get(name);
      if (checkpoint === undefined) return 'unknown';
      if (checkpoint.stopped === undefined) return 'not_stopped';
      // The one subscription goes back to where this projection stands; the others pass over what they have.
      await subscription.stop();
      await markRunning(db, name, how === 'skip');
      subscription = await start();
      return 'resumed';
    },
    stop: () => subscription.stop(),
  };
};

/** The events a projection has not had. Throws the error of one that it wants and that cannot be read. */
const wantedBy = <Event extends { readonly type: string }>(
  { handles }: Projection<Event>,
  batch: LogBatch<Event>,
  after: bigint,
): readonly Projected<Event>[] => {
  const wanted: Projected<Event>[] = [];
  for (const incoming of batch.events) {
    if (incoming.event.position <= after || !handles.includes(incoming.event.type)) continue;
    if (incoming.kind === 'corrupt') throw incoming.error;
    wanted.push(incoming.event);
  }
  return wanted;
};

const stoppedAt = <Event>(
  { event }: LogEntry<Event & { readonly type: string }>,
  error: unknown,
): Stopped => ({
  stream: event.stream,
  revision: event.revision.toString(),
  position: event.position.toString(),
  type: event.type,
  error: error instanceof Error ? error.message : String(error),
});
