/** The plan, once it is made. */
import type { SalePlanEvent, SalePlanned } from './events.ts';

export type SalePlanState =
  | { readonly kind: 'unplanned' }
  | { readonly kind: 'planned'; readonly plan: SalePlanned };

export const initial = (): SalePlanState => ({ kind: 'unplanned' });

export function evolve(_: SalePlanState, event: SalePlanEvent): SalePlanState {
  return { kind: 'planned', plan: event.data };
}
