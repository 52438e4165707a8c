/** Keeps what is to be sold under a reference made from its content, so that the same plan is kept once. */
import { createHash } from 'node:crypto';
import {
  type PlanContent,
  type PlanRef,
  planRefSchema,
  type SalePlanCommand,
  type SalePlanned,
  type SalePlanOutcome,
  type SalePlanRefusalCode,
  type SalePlanState,
} from '../domain/sale-plan/index.ts';
import type { CommandContext } from './ports.ts';
import type { WarmStream } from './warm-stream.ts';

export type PlanStream = WarmStream<SalePlanCommand, SalePlanState, SalePlanOutcome>;

export type PlanSaleDeps = { readonly plan: (planRef: PlanRef) => PlanStream };

export type PlanSaleAnswer =
  | { readonly kind: 'planned'; readonly plan: SalePlanned }
  | { readonly kind: 'refused'; readonly code: SalePlanRefusalCode };

/** Rejects as `submit` does. */
export const planSale = async (
  deps: PlanSaleDeps,
  content: PlanContent,
  context: CommandContext,
): Promise<PlanSaleAnswer> => {
  const plan = planOf(content);
  const outcome = await deps.plan(plan.planRef).submit({ type: 'PlanSale', plan }, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'planned', plan };
};

export const planOf = (content: PlanContent): SalePlanned => ({ ...content, planRef: planRefOf(content) });

const planRefOf = (content: PlanContent): PlanRef =>
  planRefSchema.parse(createHash('sha256').update(JSON.stringify(content, inOrder)).digest('hex'));

/** The same content in the same words, whatever order its fields came in. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
