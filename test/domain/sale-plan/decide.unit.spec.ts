import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  MAX_TTL_MS,
  MIN_TTL_MS,
  planOfStream,
  salePlanDecider,
  salePlanEventSpecs,
  salePlanStream,
} from '../../../src/domain/sale-plan/index.ts';
import { specificationOf } from '../../support/given.ts';
import { play } from '../../support/play.ts';
import { holds } from '../../support/properties.ts';
import { plan, planRef } from './fixtures.ts';

const given = specificationOf(salePlanDecider);
const planned = { type: 'SalePlanned', data: plan() } as const;
const outcome = { kind: 'planned' } as const;

describe('planning a sale', () => {
  test('keeps the plan', () => {
    given().when({ type: 'PlanSale', plan: plan() }).then(outcome, [planned]);
  });

  test('the same way again changes nothing', () => {
    given(planned).when({ type: 'PlanSale', plan: plan() }).then(outcome);
  });

  test('in another way under the same reference is refused', () => {
    given(planned)
      .when({ type: 'PlanSale', plan: plan({ holdTtlMs: 61_000 }) })
      .then({ kind: 'refused', code: 'plan_ref_taken' });
  });

  test('again and again leaves one event, whatever comes', () => {
    const anyPlan = fc
      .record({ perBuyer: fc.integer({ min: 1, max: 3 }), oneTicketPerIdDocument: fc.boolean() })
      .map(({ perBuyer, ...rest }) => plan({ ...rest, limits: { perOrder: 2, perBuyer } }));
    holds(
      fc.property(fc.array(anyPlan, { minLength: 1, maxLength: 10 }), (plans) => {
        const commands = plans.map((each) => ({ type: 'PlanSale', plan: each }) as const);
        const { history } = play(salePlanDecider, salePlanEventSpecs, commands);
        expect(history).toEqual([{ type: 'SalePlanned', data: plans[0] }]);
      }),
    );
  });
});

describe('a plan', () => {
  it.each([
    ['names one category twice over', { categoryNames: [{ zh: '池座' }] }],
    ['has a category without a name', { categoryNames: [{ zh: '池座' }, {}] }],
    ['gives a hold no time', { holdTtlMs: MIN_TTL_MS - 1 }],
    ['keeps unpaid seats for ever', { paymentTtlMs: MAX_TTL_MS + 1 }],
    ['has a name that SQL cannot keep', { categoryNames: [{ zh: '池\0座' }, { zh: '站席' }] }],
    ['is named by something else than a digest', { planRef: 'hall-10000' }],
  ])('is refused when it %s', (_, change) => {
    expect(() => plan(change)).toThrow();
  });

  it('of free tickets is read as it was stored, though no new one is taken', () => {
    const [, standing] = plan().layout;
    const free = [plan().layout[0], { ...standing, priceMinor: 0 }];
    expect(plan({ layout: free }).layout[1]).toMatchObject({ priceMinor: 0 });
  });

  it('is kept in a stream that is named after its reference, and leads back to it', () => {
    expect(salePlanStream(planRef)).toBe(`SalePlan-${planRef}`);
    expect(planOfStream(`SalePlan-${planRef}`)).toBe(planRef);
    expect(planOfStream(`Sale-${planRef}`)).toBeUndefined();
    expect(planOfStream('SalePlan-x')).toBeUndefined();
  });
});
