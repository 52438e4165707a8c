/** Pieces of parameters, queries and bodies that several endpoints take. */
import { z } from 'zod';
import { categoryIdSchema, programIdSchema } from '../domain/shared/ids.ts';

/** What a date can be. */
const LATEST_MS = 8_640_000_000_000_000;

/** Whole milliseconds since 1970. */
export const instantMs = z.int().min(0).max(LATEST_MS);

export const windowSchema = z.strictObject({ opensAtMs: instantMs, closesAtMs: instantMs });

export const programParams = z.strictObject({ programId: programIdSchema });
export const categoryParams = z.strictObject({ programId: programIdSchema, categoryId: categoryIdSchema });

/** A whole number in a query, where everything is text. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, `a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

export const instantInQuery = wholeNumber(0, LATEST_MS);
