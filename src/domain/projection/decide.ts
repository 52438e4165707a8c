/** An event is skipped once, whoever asks again. What was swapped is a fact: it is recorded, and never refused. */
import type { Decision } from '../shared/decider.ts';
import { unreachable } from '../shared/event.ts';
import { sameData } from '../shared/same-data.ts';
import type {
  ProjectionCommand,
  ProjectionOutcome,
  RecordRebuild,
  RecordRollback,
  SkipEvent,
} from './commands.ts';
import type { ProjectionEvent } from './events.ts';
import { MAX_SKIPS } from './limits.ts';
import type { ProjectionRefusalCode } from './refusals.ts';
import type { ProjectionState } from './state.ts';

type Deciding = Decision<ProjectionEvent, ProjectionOutcome>;

export function decide(command: ProjectionCommand, state: ProjectionState): Deciding {
  switch (command.type) {
    case 'SkipEvent':
      return skip(command, state);
    case 'RecordRebuild':
      return rebuild(command, state);
    case 'RecordRollback':
      return rollBack(command, state);
    default:
      return unreachable(command);
  }
}

function skip({ projection, event, reason, nowMs }: SkipEvent, { skipped }: ProjectionState): Deciding {
  const outcome = { kind: 'skipped' } as const;
  const known = skipped.get(event.position);
  if (known !== undefined) {
    const { stream, revision, type } = event;
    return sameData(known, { stream, revision, type }) ? { outcome, events: [] } : refused('skip_differs');
  }
  if (skipped.size >= MAX_SKIPS) return refused('too_many_skips');
  const data = { projection, ...event, reason, skippedAtMs: nowMs };
  return { outcome, events: [{ type: 'ProjectionEventSkipped', data }] };
}

function rebuild({ projection, rebuilt, nowMs }: RecordRebuild, state: ProjectionState): Deciding {
  if (isRecorded(rebuilt, state)) return recorded([]);
  return recorded([{ type: 'ProjectionRebuilt', data: { projection, ...rebuilt, rebuiltAtMs: nowMs } }]);
}

function rollBack({ projection, rolledBack, nowMs }: RecordRollback, state: ProjectionState): Deciding {
  if (isRecorded(rolledBack, state)) return recorded([]);
  const data = { projection, ...rolledBack, rolledBackAtMs: nowMs };
  return recorded([{ type: 'ProjectionRolledBack', data }]);
}

const isRecorded = (
  { swapId }: { readonly swapId?: string | undefined },
  { recordedSwaps }: ProjectionState,
): boolean => swapId !== undefined && recordedSwaps.has(swapId);

const recorded = (events: readonly ProjectionEvent[]): Deciding => ({
  outcome: { kind: 'recorded' },
  events,
});
const refused = (code: ProjectionRefusalCode): Deciding => ({
  outcome: { kind: 'refused', code },
  events: [],
});
