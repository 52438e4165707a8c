/** A plan is made once and never changes: a program that is to be sold otherwise names another plan. */
import type { Decision } from '../shared/decider.ts';
import { sameData } from '../shared/same-data.ts';
import type { SalePlanCommand, SalePlanOutcome } from './commands.ts';
import type { SalePlanEvent } from './events.ts';
import type { SalePlanState } from './state.ts';

export function decide(
  { plan }: SalePlanCommand,
  state: SalePlanState,
): Decision<SalePlanEvent, SalePlanOutcome> {
  const outcome = { kind: 'planned' } as const;
  if (state.kind === 'unplanned') return { outcome, events: [{ type: 'SalePlanned', data: plan }] };
  return sameData(plan, state.plan)
    ? { outcome, events: [] }
    : { outcome: { kind: 'refused', code: 'plan_ref_taken' }, events: [] };
}
