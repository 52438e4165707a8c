/** What later decisions about a read model depend on: which events were skipped, and which swaps are recorded. */
import { unreachable } from '../shared/event.ts';
import type { LogPosition, ProjectionEvent, ProjectionEventSkipped } from './events.ts';

export type SkippedEvent = Pick<ProjectionEventSkipped, 'stream' | 'revision' | 'type'>;

export type ProjectionState = {
  readonly skipped: ReadonlyMap<LogPosition, SkippedEvent>;
  /** By their ids; those of the first release have none. */
  readonly recordedSwaps: ReadonlySet<string>;
};

export const initial = (): ProjectionState => ({ skipped: new Map(), recordedSwaps: new Set() });

export function evolve(state: ProjectionState, event: ProjectionEvent): ProjectionState {
  switch (event.type) {
    case 'ProjectionEventSkipped': {
      const { position, stream, revision, type } = event.data;
      // Copied: there are few, and a state that was handed out stays as it was.
      return { ...state, skipped: new Map(state.skipped).set(position, { stream, revision, type }) };
    }
    case 'ProjectionRebuilt':
    case 'ProjectionRolledBack': {
      const { swapId } = event.data;
      if (swapId === undefined) return state;
      return { ...state, recordedSwaps: new Set(state.recordedSwaps).add(swapId) };
    }
    default:
      return unreachable(event);
  }
}
