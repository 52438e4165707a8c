/** The decisions about a read model: which events it was told to skip, and which of its builds became the live one. */
import type { Decider } from '../shared/decider.ts';
import type { ProjectionCommand, ProjectionOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { ProjectionEvent } from './events.ts';
import { evolve, initial, type ProjectionState } from './state.ts';

export type * from './commands.ts';
export * from './events.ts';
export * from './limits.ts';
export * from './refusals.ts';
export type { ProjectionState, SkippedEvent } from './state.ts';
export * from './stream.ts';

export const projectionDecider: Decider<
  ProjectionCommand,
  ProjectionEvent,
  ProjectionState,
  ProjectionOutcome
> = { initial, evolve, decide };
