/** Every event the engine stores, by category of stream, and the codecs that read and write them. */
import { ACCOUNT_CATEGORY, accountEventSpecs } from './domain/account/index.ts';
import { AUDIT_TRAIL_CATEGORY, auditTrailEventSpecs } from './domain/audit-trail/index.ts';
import { ORDER_QUEUE_CATEGORY, orderQueueEventSpecs } from './domain/order-queue/index.ts';
import { PAYMENT_CATEGORY, paymentEventSpecs } from './domain/payment/index.ts';
import { PROGRAM_CATEGORY, programEventSpecs } from './domain/program/index.ts';
import { PROJECTION_CATEGORY, projectionEventSpecs } from './domain/projection/index.ts';
import { SALE_CATEGORY, saleEventSpecs } from './domain/sale/index.ts';
import { SALE_PLAN_CATEGORY, salePlanEventSpecs } from './domain/sale-plan/index.ts';
import { createCodec } from './eventstore/index.ts';

export const programCodec = createCodec(programEventSpecs);
export const saleCodec = createCodec(saleEventSpecs);
export const paymentCodec = createCodec(paymentEventSpecs);
export const salePlanCodec = createCodec(salePlanEventSpecs);
export const accountCodec = createCodec(accountEventSpecs);
export const orderQueueCodec = createCodec(orderQueueEventSpecs);
export const projectionCodec = createCodec(projectionEventSpecs);
export const auditTrailCodec = createCodec(auditTrailEventSpecs);

/** Throws at start when two aggregates gave one name to two events. */
export const engineCodec = createCodec([
  ...programEventSpecs,
  ...salePlanEventSpecs,
  ...saleEventSpecs,
  ...paymentEventSpecs,
  ...accountEventSpecs,
  ...orderQueueEventSpecs,
  ...projectionEventSpecs,
  ...auditTrailEventSpecs,
]);

/** What the projections subscribe to. */
export const streamPrefixes = [
  PROGRAM_CATEGORY,
  SALE_PLAN_CATEGORY,
  SALE_CATEGORY,
  PAYMENT_CATEGORY,
  ACCOUNT_CATEGORY,
  ORDER_QUEUE_CATEGORY,
  PROJECTION_CATEGORY,
  AUDIT_TRAIL_CATEGORY,
].map((category) => `${category}-`);
