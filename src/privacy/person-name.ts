/** The name on a ticket as people type it: tidied, and refused where it is none. */

const MAX_CHARACTERS = 64;
/** Letters of any script, marks, digits, spaces, and what joins names: ' ’ - . · ・ and the like. */
const NAME = /^[\p{L}\p{M}\p{Nd}\p{Nl} '’\-‐.·•・‧,()（）]+$/u;
const HAS_LETTER = /[\p{L}\p{Nl}]/u;

/** Shown to clients: never rename one. */
export const nameRefusalCodes = ['name_empty', 'name_too_long', 'name_malformed'] as const;
export type NameRefusalCode = (typeof nameRefusalCodes)[number];

export type ParsedName =
  | { readonly kind: 'valid'; readonly name: string }
  | { readonly kind: 'refused'; readonly code: NameRefusalCode };

/** Composed (NFC), without spaces around it and with single spaces inside. */
export function parseName(typed: string): ParsedName {
  const name = typed.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (name === '') return { kind: 'refused', code: 'name_empty' };
  if ([...name].length > MAX_CHARACTERS) return { kind: 'refused', code: 'name_too_long' };
  if (!NAME.test(name) || !HAS_LETTER.test(name)) return { kind: 'refused', code: 'name_malformed' };
  return { kind: 'valid', name };
}
