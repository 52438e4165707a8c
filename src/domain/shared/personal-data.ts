/** How personal data looks from inside the domain: sealed. What seals and opens it is outside. */
import { z } from 'zod';

/**
 * 1 mainland identity card, 2 residence permit for Hong Kong, Macao and Taiwan residents, 3 mainland travel
 * permit for Hong Kong and Macao residents, 4 the same for Taiwan residents, 5 passport, 6 foreign permanent
 * resident card.
 */
export const idTypes = [1, 2, 3, 4, 5, 6] as const;
export const idTypeSchema = z.union(idTypes.map((type) => z.literal(type)));
export type IdType = (typeof idTypes)[number];

/** A versioned envelope. The pattern keeps a clear text from slipping into an event. */
export const ciphertextSchema = z
  .string()
  .regex(/^pd[1-9][0-9]*\.[0-9A-Za-z_-]{40,4000}$/, 'sealed personal data')
  .brand<'Ciphertext'>();
export type Ciphertext = z.infer<typeof ciphertextSchema>;

/** Names the key that one person's data is sealed with. Destroying that key erases the person. */
export const personKeyIdSchema = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,47}$/, 'an id is 1 to 48 letters, digits or dashes')
  .brand<'PersonKeyId'>();
export type PersonKeyId = z.infer<typeof personKeyIdSchema>;
