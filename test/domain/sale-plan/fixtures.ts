/** A small plan, as an operator would write it. */
import { planRefSchema, type SalePlanned, salePlanEventSpecs } from '../../../src/domain/sale-plan/index.ts';

export const planRef = planRefSchema.parse('a'.repeat(64));

const [planned] = salePlanEventSpecs;

export function plan(change: Partial<Record<keyof SalePlanned, unknown>> = {}): SalePlanned {
  return planned.schema.parse({
    planRef,
    currency: 'CNY',
    layout: [
      {
        kind: 'seated',
        id: 'stalls',
        priceMinor: 500,
        sections: [{ name: 'Stalls', rows: [{ rows: 'A-B', seats: '1-5', blocked: '1', accessible: '5' }] }],
      },
      { kind: 'general', id: 'standing', priceMinor: 200, capacity: 30 },
    ],
    categoryNames: [{ zh: '池座', en: 'Stalls' }, { zh: '站席' }],
    limits: { perOrder: 4, perBuyer: 6 },
    oneTicketPerIdDocument: false,
    holdTtlMs: 60_000,
    paymentTtlMs: 600_000,
    ...change,
  });
}
