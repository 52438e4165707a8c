/** Letting a stopped read model go on, for the API and for the commands of operators alike. */
import type { SkipProjectionEventDeps } from '../commands/skip-projection-event.ts';
import { logPositionSchema } from '../domain/projection/index.ts';
import {
  type ResumeHow,
  type ResumeOutcome,
  readCheckpoints,
  requestResume,
} from '../projections/checkpoint.ts';
import type { Db } from '../projections/database.ts';
import { knownProjections } from './projections-seen.ts';
import type { ProjectionStreams } from './streams.ts';

/** As `requestResume`; what Redis shows never stops. */
export const resume = async (
  db: Db,
  name: string,
  how: ResumeHow,
  askedBy: string,
  position?: string,
): Promise<ResumeOutcome> => {
  const known = knownProjections().find((projection) => projection.name === name);
  if (known === undefined) return 'unknown';
  if (known.store === 'redis') return 'not_stopped';
  const outcome = await requestResume(db, name, how, askedBy, position);
  // No process has ever run it.
  return outcome === 'unknown' ? 'not_stopped' : outcome;
};

export const skippingOf = (db: Db, projections: Pick<ProjectionStreams, 'of'>): SkipProjectionEventDeps => ({
  projection: projections.of,
  standsAt: async (name) => {
    if (!knownProjections().some((projection) => projection.name === name)) return 'unknown';
    const stopped = (await readCheckpoints(db, [name])).get(name)?.stopped;
    if (stopped === undefined) return 'not_stopped';
    const { stream, revision, type, error } = stopped;
    return { position: logPositionSchema.parse(stopped.position), stream, revision, type, error };
  },
  passOver: (name, position, actor) => resume(db, name, 'skip', actor, position),
  nowMs: Date.now,
});
