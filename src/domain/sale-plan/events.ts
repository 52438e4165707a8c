/**
 * What a plan's stream says: these types are the stored format. A plan is everything that a sale is started
 * with but the program and the hours, kept under a reference that is made from its content.
 */
import { z } from 'zod';
import { capacityOf, saleRulesSchema } from '../sale/index.ts';
import { type EventOf, eventSpec } from '../shared/event.ts';
import { nameSchema } from '../shared/text.ts';
import { MAX_TTL_MS, MIN_TTL_MS } from './limits.ts';

export const planRefSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
  .brand<'PlanRef'>();
export type PlanRef = z.infer<typeof planRefSchema>;

const ttlMs = z.int().min(MIN_TTL_MS).max(MAX_TTL_MS);

/** What a reference is made from. */
export const planContentSchema = saleRulesSchema.extend({
  /** One for each category, in the order of the layout. */
  categoryNames: z.array(nameSchema),
  holdTtlMs: ttlMs,
  paymentTtlMs: ttlMs,
});
export type PlanContent = z.infer<typeof planContentSchema>;

const plannedSchema = planContentSchema
  .extend({ planRef: planRefSchema })
  .refine(({ layout, categoryNames }) => layout.length === categoryNames.length, 'each category has a name')
  .refine(({ layout }) => layout.every((category) => capacityOf(category) > 0), 'a category has places');
export type SalePlanned = z.infer<typeof plannedSchema>;

export const salePlanEventSpecs = [eventSpec('SalePlanned', plannedSchema)] as const;

export type SalePlanEvent = EventOf<(typeof salePlanEventSpecs)[number]>;
