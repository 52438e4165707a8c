/**
 * An id document as people type it, made comparable: one person's document must always give the same hash,
 * however it was written, or the limit of one ticket per document would not hold.
 */
import { createHmac } from 'node:crypto';
import { type IdDocumentHash, idDocumentHashSchema } from '../domain/shared/ids.ts';
import type { IdType } from '../domain/shared/personal-data.ts';
import { type IdNumberRefusalCode, refusalOf } from './id-rules.ts';
import type { SecretKey } from './secret-key.ts';

const HASH_BYTES = 16;
const HASH_PURPOSE = 'seatlog/id-document/1';
const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

/** `number` is normalised and fits its type. */
export type IdDocument = { readonly idType: IdType; readonly number: string };

export type ParsedIdDocument =
  | { readonly kind: 'valid'; readonly document: IdDocument }
  | { readonly kind: 'refused'; readonly code: IdNumberRefusalCode };

/** `nowMs` bounds the birth dates there can be. */
export function parseIdDocument(idType: IdType, typed: string, nowMs: number): ParsedIdDocument {
  const number = normaliseIdNumber(typed);
  const code = refusalOf(idType, number, nowMs);
  return code === undefined ? { kind: 'valid', document: { idType, number } } : { kind: 'refused', code };
}

/** Full-width characters become ASCII, letters capitals; spaces, which people type to group digits, go. */
export function normaliseIdNumber(typed: string): string {
  return typed
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH_OFFSET))
    .replace(/\s+/g, '')
    .replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/**
 * The first 128 bits of an HMAC-SHA-256: equal for the same document, and to be guessed only with the key.
 */
export function hashIdDocument(key: SecretKey, document: IdDocument): IdDocumentHash {
  const hmac = createHmac('sha256', key.bytes);
  hmac.update(JSON.stringify([HASH_PURPOSE, document.idType, lifelongNumber(document)]));
  return idDocumentHashSchema.parse(hmac.digest().subarray(0, HASH_BYTES).toString('hex'));
}

/** An old travel permit is the same document with and without the two digits that count its renewals. */
function lifelongNumber({ idType, number }: IdDocument): string {
  return idType === 3 ? number.slice(0, 9) : number;
}
