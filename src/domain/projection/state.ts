/** What later decisions about a read model depend on: which events were skipped, and what was swapped in last. */
import { unreachable } from '../shared/event.ts';
import type { LogPosition, ProjectionEvent, ProjectionEventSkipped } from './events.ts';

export type SkippedEvent = Pick<ProjectionEventSkipped, 'stream' | 'revision' | 'type'>;

export type ProjectionState = {
  readonly skipped: ReadonlyMap<LogPosition, SkippedEvent>;
  /** The newest of the events that say which build is live; null before the first. */
  readonly lastSwap: Exclude<ProjectionEvent, { type: 'ProjectionEventSkipped' }> | null;
};

export const initial = (): ProjectionState => ({ skipped: new Map(), lastSwap: null });

export function evolve(state: ProjectionState, event: ProjectionEvent): ProjectionState {
  switch (event.type) {
    case 'ProjectionEventSkipped': {
      const { position, stream, revision, type } = event.data;
      // Copied: there are few, and a state that was handed out stays as it was.
      return { ...state, skipped: new Map(state.skipped).set(position, { stream, revision, type }) };
    }
    case 'ProjectionRebuilt':
    case 'ProjectionRolledBack':
      return { ...state, lastSwap: event };
    default:
      return unreachable(event);
  }
}
