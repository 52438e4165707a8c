/**
 * What operators write: a program, and the plan it is sold by. A hall is checked by the sale's own schema, so
 * that a mistake in it is answered with the place it is at and the sentence that the sale has for it.
 */
import { z } from 'zod';
import { programDetailsSchema } from '../../domain/program/index.ts';
import {
  capacityOf,
  generalCategorySchema,
  hallProblems,
  hugeHallProblem,
  saleRulesSchema,
  seatedCategorySchema,
} from '../../domain/sale/index.ts';
import { type PlanContent, planContentSchema } from '../../domain/sale-plan/index.ts';
import { dispatchSplitSchema } from '../../domain/shared/dispatch-mode.ts';
import { programIdSchema } from '../../domain/shared/ids.ts';
import { lineSchema, nameSchema } from '../../domain/shared/text.ts';
import { windowSchema } from '../inputs.ts';

/** A layout's category with the name that people read. */
const categorySchema = z.discriminatedUnion('kind', [
  seatedCategorySchema.extend({ name: nameSchema }),
  generalCategorySchema.extend({ name: nameSchema }),
]);

const { layout: _, ...rules } = saleRulesSchema.shape;
const { holdTtlMs, paymentTtlMs } = planContentSchema.shape;
const MAX_CATEGORIES = 64;

const checkedPlanSchema = z
  .strictObject({
    ...rules,
    holdTtlMs,
    paymentTtlMs,
    categories: z.array(categorySchema).min(1, 'a sale needs a category').max(MAX_CATEGORIES),
  })
  .superRefine(({ categories }, context) => {
    const complain = (message: string, ...path: (number | string)[]) =>
      context.addIssue({ code: 'custom', message, path: ['categories', ...path] });
    for (const message of hallProblems(categories.map(withoutName))) complain(message);
    for (const [index, category] of categories.entries()) {
      if (capacityOf(category) === 0) complain('the category has no seat to sell', index);
      // Only new plans: a sale whose terms are stored has them for good.
      if (category.priceMinor === 0)
        complain('a ticket costs something: an order of 0 cannot be paid', index, 'priceMinor');
    }
  })
  .transform(({ categories, ...rest }): PlanContent => {
    const categoryNames = categories.map(({ name }) => name);
    return { ...rest, layout: categories.map(withoutName), categoryNames };
  });

type NamedCategory = z.infer<typeof categorySchema>;
type Unnamed<Category> = Category extends unknown ? Omit<Category, 'name'> : never;

function withoutName({ name: _name, ...category }: NamedCategory): Unnamed<NamedCategory> {
  return category;
}

/** Before anything of it is checked, a plan is looked at for its size. */
const planSchema = z.preprocess((plan, context) => {
  const categories: unknown =
    typeof plan === 'object' && plan !== null ? Reflect.get(plan, 'categories') : [];
  const message = hugeHallProblem(categories);
  if (message === undefined) return plan;
  context.addIssue({ code: 'custom', message, path: ['categories'] });
  return z.NEVER;
}, checkedPlanSchema);

export const publishSchema = z.strictObject({
  /** Made here where it is left out. */
  programId: programIdSchema.optional(),
  details: programDetailsSchema,
  plan: planSchema,
  /** Its hours, if they are known. */
  sale: windowSchema.optional(),
});

export const reviseSchema = z.strictObject({ details: programDetailsSchema, plan: planSchema });

export const cancelSchema = z.strictObject({ reason: lineSchema });

/** Null follows the engine's own setting. */
export const dispatchSchema = z.strictObject({ split: dispatchSplitSchema.nullable() });
