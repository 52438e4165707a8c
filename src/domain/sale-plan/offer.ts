/**
 * What a plan makes of a program and of its sale. Both are taken from the plan and never written by hand, so
 * that what people are shown and what they are sold cannot disagree.
 */
import { type ProgramOffer, programOfferSchema, type SaleWindow } from '../program/index.ts';
import { capacityOf, type SaleTerms } from '../sale/index.ts';
import type { ProgramId } from '../shared/ids.ts';
import type { SalePlanned } from './events.ts';

export function offerOf({ planRef, currency, layout, categoryNames }: SalePlanned): ProgramOffer {
  return programOfferSchema.parse({
    currency,
    layoutRef: planRef,
    ticketCategories: layout.map((category, index) => ({
      categoryId: category.id,
      name: categoryNames[index],
      priceMinor: category.priceMinor,
      kind: category.kind,
      capacity: capacityOf(category),
    })),
  });
}

export function termsOf(plan: SalePlanned, programId: ProgramId, window: SaleWindow): SaleTerms {
  const { planRef: _, categoryNames: __, ...rules } = plan;
  return { programId, ...rules, ...window };
}
