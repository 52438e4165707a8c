/** Where a plan is kept. */
import { type PlanRef, planRefSchema } from './events.ts';

export const SALE_PLAN_CATEGORY = 'SalePlan';

export const salePlanStream = (planRef: PlanRef) => `${SALE_PLAN_CATEGORY}-${planRef}` as const;

/** The plan that a stream is; undefined for streams of other categories. */
export function planOfStream(stream: string): PlanRef | undefined {
  const prefix = `${SALE_PLAN_CATEGORY}-`;
  if (!stream.startsWith(prefix)) return undefined;
  return planRefSchema.safeParse(stream.slice(prefix.length)).data;
}
