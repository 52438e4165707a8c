/** The sale plan: what is sold, at which prices and under which rules, before anybody says when. */
import type { Decider } from '../shared/decider.ts';
import type { SalePlanCommand, SalePlanOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { SalePlanEvent } from './events.ts';
import { evolve, initial, type SalePlanState } from './state.ts';

export type * from './commands.ts';
export * from './events.ts';
export * from './limits.ts';
export * from './offer.ts';
export * from './refusals.ts';
export type { SalePlanState } from './state.ts';
export * from './stream.ts';

export const salePlanDecider: Decider<SalePlanCommand, SalePlanEvent, SalePlanState, SalePlanOutcome> = {
  initial,
  evolve,
  decide,
};
