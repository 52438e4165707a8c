/**
 * What a payment's stream says: these types are the stored format. Money is what the provider says it is:
 * whatever was taken is recorded, and what pays nothing is recorded as a stray that has to go back.
 */
import { z } from 'zod';
import { type EventOf, eventSpec } from '../shared/event.ts';
import {
  orderNumberSchema,
  paymentNumberSchema,
  programIdSchema,
  refundIdSchema,
  userIdSchema,
} from '../shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../shared/money.ts';

const instantMs = z.int().min(0);
const attempt = z.int().min(1);

/** `simulated`, `alipay`, `stripe`, … */
export const providerSchema = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'a provider is a lower-case word');

/** The provider's own name of a charge. */
export const providerReferenceSchema = z
  .string()
  .regex(/^[!-~]{1,128}$/, 'a provider reference is 1 to 128 visible ASCII characters')
  .brand<'ProviderReference'>();
export type ProviderReference = z.infer<typeof providerReferenceSchema>;

/** A code of the provider or of ours; never a sentence, which might name a person. */
export const failureCodeSchema = z.string().regex(/^[0-9A-Za-z_.-]{1,64}$/, 'a failure has a short code');

/** What a provider gives as its reason, as an event may have it: a payment must be foldable whatever that is. */
export const failureCodeOf = (reason: string): string =>
  failureCodeSchema.safeParse(reason).success ? reason : 'other';

/** Why a charge pays nothing. */
export const strayCauseSchema = z.enum(['wrong_amount', 'wrong_currency', 'already_captured']);
export type StrayCause = z.infer<typeof strayCauseSchema>;

export const refundReasonSchema = z.enum([
  'order_ended',
  'tickets_returned',
  'program_cancelled',
  'stray_capture',
  'operator',
]);
export type RefundReason = z.infer<typeof refundReasonSchema>;

/** On every event, so that who follows payments knows at once which order of which sale it concerns. */
const subject = {
  paymentNumber: paymentNumberSchema,
  orderNumber: orderNumberSchema,
  programId: programIdSchema,
};
const money = { amountMinor: amountMinorSchema, currency: currencySchema };
const charge = { providerReference: providerReferenceSchema, ...money };

export const paymentEventSpecs = [
  eventSpec(
    'PaymentRequested',
    z.strictObject({
      ...subject,
      buyer: userIdSchema,
      ...money,
      provider: providerSchema,
      requestedAtMs: instantMs,
    }),
  ),
  /** The amount that was asked for, in full. At most once per payment. */
  eventSpec('PaymentCaptured', z.strictObject({ ...subject, ...charge, capturedAtMs: instantMs })),
  /** The provider took money that pays nothing: it has to go back. */
  eventSpec(
    'StrayPaymentCaptured',
    z.strictObject({ ...subject, ...charge, cause: strayCauseSchema, capturedAtMs: instantMs }),
  ),
  /** Not the end: providers have been seen to capture afterwards. */
  eventSpec('PaymentFailed', z.strictObject({ ...subject, code: failureCodeSchema, failedAtMs: instantMs })),
  /** From here on the amount is set aside, until the refund completes. */
  eventSpec(
    'RefundRequested',
    z.strictObject({
      ...subject,
      refundId: refundIdSchema,
      ...charge,
      reason: refundReasonSchema,
      requestedAtMs: instantMs,
    }),
  ),
  eventSpec(
    'RefundCompleted',
    z.strictObject({ ...subject, refundId: refundIdSchema, ...charge, completedAtMs: instantMs }),
  ),
  /**
   * The money is still owed: the amount stays set aside, and the refund is retried or settled by a person.
   */
  eventSpec(
    'RefundFailed',
    z.strictObject({
      ...subject,
      refundId: refundIdSchema,
      attempt,
      code: failureCodeSchema,
      failedAtMs: instantMs,
    }),
  ),
  eventSpec(
    'RefundRetried',
    z.strictObject({ ...subject, refundId: refundIdSchema, attempt, retriedAtMs: instantMs }),
  ),
] as const;

export type PaymentEvent = EventOf<(typeof paymentEventSpecs)[number]>;
export type PaymentEventOf<Type extends PaymentEvent['type']> = Extract<
  PaymentEvent,
  { readonly type: Type }
>['data'];
