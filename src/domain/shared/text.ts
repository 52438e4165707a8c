/** Texts that people write and that everything behind must be able to keep: JSON, the log, and SQL. */
import { z } from 'zod';

const MAX_NAME_CHARACTERS = 200;
const MAX_DESCRIPTION_CHARACTERS = 10_000;

/** PostgreSQL keeps no zero character, and UTF-8 no half of a surrogate pair. */
const KEEPABLE = /^[^\0\p{Surrogate}]*$/u;

export const isKeepable = (text: string): boolean => KEEPABLE.test(text);

/** At most so many characters, all of which can be kept. */
export const textSchema = (maxCharacters: number) =>
  z
    .string()
    .max(maxCharacters)
    .refine(isKeepable, 'a text has no zero character and no half of a surrogate pair');

/** A name, a reason: not empty, without blanks around it. */
export const lineSchema = textSchema(MAX_NAME_CHARACTERS).trim().min(1);
const paragraphsSchema = textSchema(MAX_DESCRIPTION_CHARACTERS).trim().min(1);

/** The same thing said in Chinese, in English, or in both. */
const inEitherLanguage = (text: z.ZodString) =>
  z
    .strictObject({ zh: text.optional(), en: text.optional() })
    .refine(({ zh, en }) => zh !== undefined || en !== undefined, 'needs a Chinese or an English text');

export const nameSchema = inEitherLanguage(lineSchema);

export const descriptionSchema = inEitherLanguage(paragraphsSchema);
