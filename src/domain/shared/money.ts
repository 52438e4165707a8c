/** Money is a whole number of the currency's minor unit (cents, fen), never a fraction. */
import { z } from 'zod';

/** 90 billion in a currency with cents; sums of a whole hall stay far below 2^53. */
const MAX_AMOUNT_MINOR = 9_000_000_000_000;

export const amountMinorSchema = z.int().min(0).max(MAX_AMOUNT_MINOR).brand<'AmountMinor'>();
export type AmountMinor = z.infer<typeof amountMinorSchema>;

/** ISO 4217, for example `CNY`. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'three capital letters (ISO 4217)')
  .brand<'Currency'>();
export type Currency = z.infer<typeof currencySchema>;
