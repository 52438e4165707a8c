/** Where a payment's events are kept. */
import { type PaymentNumber, paymentNumberSchema } from '../shared/ids.ts';

export const PAYMENT_CATEGORY = 'Payment';

export const paymentStream = (paymentNumber: PaymentNumber) =>
  `${PAYMENT_CATEGORY}-${paymentNumber}` as const;

/** The payment a stream belongs to; undefined for streams of other categories. */
export function paymentOfStream(stream: string): PaymentNumber | undefined {
  const prefix = `${PAYMENT_CATEGORY}-`;
  if (!stream.startsWith(prefix)) return undefined;
  return paymentNumberSchema.safeParse(stream.slice(prefix.length)).data;
}
