import { describe, expect, it } from 'vitest';
import { accountEventSpecs } from '../../src/domain/account/index.ts';
import { auditTrailEventSpecs } from '../../src/domain/audit-trail/index.ts';
import { orderQueueEventSpecs } from '../../src/domain/order-queue/index.ts';
import { paymentEventSpecs } from '../../src/domain/payment/index.ts';
import { programEventSpecs } from '../../src/domain/program/index.ts';
import { projectionEventSpecs } from '../../src/domain/projection/index.ts';
import { saleEventSpecs } from '../../src/domain/sale/index.ts';
import { salePlanEventSpecs } from '../../src/domain/sale-plan/index.ts';
import { createProjections, eventsWithoutReadModel } from '../../src/projections/registry.ts';

const everyType: readonly string[] = [
  ...programEventSpecs,
  ...salePlanEventSpecs,
  ...saleEventSpecs,
  ...paymentEventSpecs,
  ...accountEventSpecs,
  ...orderQueueEventSpecs,
  ...projectionEventSpecs,
  ...auditTrailEventSpecs,
].map(({ type }) => type);

describe('the registry of read models', () => {
  const handled = new Set<string>(createProjections().flatMap(({ handles }) => handles));

  it('shows every event of the engine somewhere, or leaves it out by name', () => {
    expect([...handled, ...eventsWithoutReadModel].sort()).toEqual([...everyType].sort());
  });

  it('names each projection once', () => {
    const names = createProjections().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
