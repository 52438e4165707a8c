/** What can be asked of a plan, and what it can answer. Commands are parsed at the edge and trusted here. */
import type { SalePlanned } from './events.ts';
import type { SalePlanRefusalCode } from './refusals.ts';

/** `planRef` is made from the content by whoever asks, so that the same plan is kept once. */
export type PlanSale = { readonly type: 'PlanSale'; readonly plan: SalePlanned };

export type SalePlanCommand = PlanSale;

export type SalePlanOutcome =
  | { readonly kind: 'planned' }
  | { readonly kind: 'refused'; readonly code: SalePlanRefusalCode };
