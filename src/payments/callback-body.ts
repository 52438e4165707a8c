/** The JSON of the simulated provider's callbacks: written by its side, read by ours. */
import { z } from 'zod';
import { failureCodeSchema, providerReferenceSchema } from '../domain/payment/index.ts';
import { paymentNumberSchema, refundIdSchema } from '../domain/shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../domain/shared/money.ts';
import type { ProviderNotice } from './provider.ts';

const payment = { paymentNumber: paymentNumberSchema };
const money = { amountMinor: amountMinorSchema, currency: currencySchema };

const noticeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('captured'),
    ...payment,
    providerReference: providerReferenceSchema,
    ...money,
  }),
  z.object({ kind: z.literal('failed'), ...payment, code: failureCodeSchema }),
  z.object({ kind: z.literal('refund_completed'), ...payment, refundId: refundIdSchema, ...money }),
  z.object({
    kind: z.literal('refund_failed'),
    ...payment,
    refundId: refundIdSchema,
    attempt: z.int().min(1),
    code: failureCodeSchema,
  }),
]);

export const callbackBodyOf = (notice: ProviderNotice): string => JSON.stringify(notice);

/** Undefined for anything that is no callback. Fields of a later release are passed over. */
export function readCallbackBody(rawBody: Uint8Array): ProviderNotice | undefined {
  try {
    return noticeSchema.safeParse(JSON.parse(Buffer.from(rawBody).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
