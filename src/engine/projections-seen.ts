/** The read models as operators see them, whichever process runs them. */
import type { ProjectionStatus } from '../api/operations.ts';
import type { Db } from '../projections/database.ts';
import { projectionStates } from '../projections/reports.ts';

/** Rejects with what the database rejects with. */
export const projectionsSeen = async (db: Db): Promise<readonly ProjectionStatus[]> => {
  const states = await projectionStates(db);
  return states.map((state) => ({
    name: state.name,
    version: state.version,
    position: state.position < 0n ? null : state.position.toString(),
    lagMs: state.lagMs ?? null,
    lagEvents: state.waitingEvents,
    eventsPerSecond: state.eventsPerSecond,
    state: state.state,
    stoppedAt: state.stopped ?? null,
    lastError: state.lastError ?? null,
  }));
};
