/** The program: a show that is published, put on sale, and dispatched in a mode of its own. */
import type { Decider } from '../shared/decider.ts';
import type { ProgramCommand, ProgramOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { ProgramEvent } from './events.ts';
import { evolve, initial, type ProgramState } from './state.ts';

export type * from './commands.ts';
export * from './events.ts';
export * from './refusals.ts';
export type { ProgramState, PublishedProgram, SaleStatus, SaleWindow } from './state.ts';
export * from './stream.ts';

export const programDecider: Decider<ProgramCommand, ProgramEvent, ProgramState, ProgramOutcome> = {
  initial,
  evolve,
  decide,
};
