/** Pieces of parameters, queries and bodies that several endpoints take. */
import { z } from 'zod';
import { categoryIdSchema, orderNumberSchema, programIdSchema } from '../domain/shared/ids.ts';

/** What a date can be. */
const LATEST_MS = 8_640_000_000_000_000;

/** More than any hall has: which seats there are is the sale's to say. */
export const MAX_SEAT_NUMBER = 1_000_000;

/** Whole milliseconds since 1970. */
export const instantMs = z.int().min(0).max(LATEST_MS);

export const windowSchema = z.strictObject({ opensAtMs: instantMs, closesAtMs: instantMs });

export const programParams = z.strictObject({ programId: programIdSchema });
export const orderParams = z.strictObject({ orderNumber: orderNumberSchema });
export const categoryParams = z.strictObject({ programId: programIdSchema, categoryId: categoryIdSchema });

const DIGITS = /^[0-9]{1,16}$/;

/**
 * A whole number in a path or a query, where everything is text. It has one spelling, without sign, exponent or
 * spaces, and is described as the number that it means.
 */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => DIGITS.test(text), `a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ type: 'integer', minimum: min, maximum: max });

export const instantInQuery = wholeNumber(0, LATEST_MS);
