/** The program: a show that is published, put on sale, and dispatched in a mode of its own. */
import type { Decider } from '../shared/decider.ts';
import { decide, type ProgramCommand, type ProgramOutcome } from './decide.ts';
import type { ProgramEvent } from './events.ts';
import { evolve, initial, type ProgramState } from './state.ts';

export * from './decide.ts';
export * from './events.ts';
export type { ProgramState, PublishedProgram, SaleStatus, SaleWindow } from './state.ts';
export * from './stream.ts';

export const programDecider: Decider<ProgramCommand, ProgramEvent, ProgramState, ProgramOutcome> = {
  initial,
  evolve,
  decide,
};
