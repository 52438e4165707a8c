/**
 * Applies a batch of the log: one transaction for all projections and their checkpoints. When that fails, each is
 * tried alone, and the event that one cannot apply stops that one only, by name.
 */
import type { LogBatch, LogEntry } from '../eventstore/log-source.ts';
import { lockCheckpoints, markStopped, moveCheckpoints, type Stopped } from './checkpoint.ts';
import type { Db } from './database.ts';
import type { Projected, Projection } from './projection.ts';

type AnyEvent = { readonly type: string };

export type ApplyDeps<Event extends AnyEvent> = {
  readonly db: Db;
  readonly projections: readonly Projection<Event>[];
  readonly isUnavailable: (error: unknown) => boolean;
  readonly onStopped: (name: string, stopped: Stopped) => void;
  readonly onApplied: (name: string, events: number) => void;
};

/** A batch, and the position behind which it begins: nothing is missing in between. */
export type PlacedBatch<Event> = LogBatch<Event> & { readonly after: bigint };

/**
 * Answers whether every running projection stood at the batch: one that stands before it has been left as it is, and
 * has to be fed from further back. Rejects, with nothing applied twice or left out, when the database is away.
 */
export const applyBatch = async <Event extends AnyEvent>(
  deps: ApplyDeps<Event>,
  batch: PlacedBatch<Event>,
): Promise<'applied' | 'behind'> => {
  try {
    return await applyTogether(deps, deps.projections, batch);
  } catch (error) {
    if (deps.isUnavailable(error)) throw error;
  }
  let result: 'applied' | 'behind' = 'applied';
  for (const projection of deps.projections) {
    if ((await applyAlone(deps, projection, batch)) === 'behind') result = 'behind';
  }
  return result;
};

/** One transaction: rows of all these projections, and their checkpoints. */
const applyTogether = async <Event extends AnyEvent>(
  { db, onApplied }: ApplyDeps<Event>,
  those: readonly Projection<Event>[],
  batch: PlacedBatch<Event>,
): Promise<'applied' | 'behind'> => {
  const names = those.map(({ name }) => name);
  const counts = new Map<string, number>();
  let isBehind = false;
  await db.transaction().execute(async (transaction) => {
    const checkpoints = await lockCheckpoints(transaction, names);
    for (const projection of those) {
      const checkpoint = checkpoints.get(projection.name);
      if (checkpoint === undefined || checkpoint.stopped || checkpoint.position >= batch.position) continue;
      if (checkpoint.position < batch.after) {
        isBehind = true;
        continue;
      }
      const events = wantedBy(projection, batch, checkpoint.position);
      if (events.length > 0) await projection.apply(transaction, events);
      counts.set(projection.name, events.length);
    }
    await moveCheckpoints(
      transaction,
      [...counts.keys()],
      batch.position,
      batch.events.at(-1)?.event.recordedAtMs,
    );
  });
  for (const [name, count] of counts) onApplied(name, count);
  return isBehind ? 'behind' : 'applied';
};

/** As a whole if that works now; else in ever smaller parts, up to the event that does not. */
const applyAlone = async <Event extends AnyEvent>(
  deps: ApplyDeps<Event>,
  projection: Projection<Event>,
  { events, position, after }: PlacedBatch<Event>,
): Promise<'applied' | 'behind'> => {
  let rest = events;
  let size = events.length;
  let from = after;
  // Every turn makes the rest shorter or the parts smaller.
  do {
    const part = rest.slice(0, size);
    const to = part.length === rest.length ? position : (part.at(-1)?.event.position ?? position);
    try {
      const result = await applyTogether(deps, [projection], { events: part, position: to, after: from });
      if (result === 'behind') return 'behind';
    } catch (error) {
      const [first] = part;
      if (first === undefined || deps.isUnavailable(error)) throw error;
      if (part.length === 1) return stopAt(deps, projection.name, first, error);
      size = Math.ceil(part.length / 2);
      continue;
    }
    rest = rest.slice(part.length);
    from = to;
  } while (rest.length > 0);
  return 'applied';
};

const stopAt = async <Event extends AnyEvent>(
  { db, onStopped }: ApplyDeps<Event>,
  name: string,
  { event }: LogEntry<Event>,
  error: unknown,
): Promise<'applied'> => {
  const stopped: Stopped = {
    stream: event.stream,
    revision: event.revision.toString(),
    position: event.position.toString(),
    type: event.type,
    recordedAtMs: event.recordedAtMs,
    error: error instanceof Error ? error.message : String(error),
  };
  await markStopped(db, name, stopped);
  onStopped(name, stopped);
  return 'applied';
};

/** The events a projection has not had. Throws the error of one that it wants and that cannot be read. */
const wantedBy = <Event extends AnyEvent>(
  { handles }: Projection<Event>,
  batch: LogBatch<Event>,
  after: bigint,
): readonly Projected<Event>[] => {
  const types = new Set(handles);
  const wanted: Projected<Event>[] = [];
  for (const incoming of batch.events) {
    if (incoming.event.position <= after || !types.has(incoming.event.type)) continue;
    if (incoming.kind === 'corrupt') throw incoming.error;
    wanted.push(incoming.event);
  }
  return wanted;
};
