/**
 * Signatures of callbacks: HMAC-SHA-256 over `{t}.{body}` in the header `Seatlog-Signature: t=…,v1=…`. The
 * time is signed too, so that what somebody has overheard is worth nothing a few minutes later.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SecretKey } from '../privacy/index.ts';

export const SIGNATURE_HEADER = 'seatlog-signature';
/** How far a message's time may be from ours, in either direction. */
export const SIGNATURE_WINDOW_MS = 300_000;

const SECOND_MS = 1_000;
const MAX_HEADER_CHARACTERS = 1_000;
const TIME = /^\d{1,12}$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

export type SignatureVerdict = 'valid' | 'signature_invalid' | 'callback_too_old';

/** The value of the header. */
export function signCallback(key: SecretKey, rawBody: Uint8Array, nowMs: number): string {
  const seconds = String(Math.floor(nowMs / SECOND_MS));
  return `t=${seconds},v1=${digestOf(key, seconds, rawBody).toString('hex')}`;
}

/** Forged comes before old: about a message that nobody signed its time says nothing. */
export function checkSignature(
  key: SecretKey,
  header: string | undefined,
  rawBody: Uint8Array,
  nowMs: number,
): SignatureVerdict {
  const parts = partsOf(header ?? '');
  const seconds = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!TIME.test(seconds)) return 'signature_invalid';
  const expected = digestOf(key, seconds, rawBody);
  // Several while a key follows another; each is compared in constant time.
  const isSigned = parts.some(
    ([name, value]) =>
      name === 'v1' && SIGNATURE.test(value) && timingSafeEqual(Buffer.from(value, 'hex'), expected),
  );
  if (!isSigned) return 'signature_invalid';
  const distanceMs = Math.abs(nowMs - Number(seconds) * SECOND_MS);
  return distanceMs <= SIGNATURE_WINDOW_MS ? 'valid' : 'callback_too_old';
}

function partsOf(header: string): (readonly [name: string, value: string])[] {
  if (header.length > MAX_HEADER_CHARACTERS) return [];
  return header.split(',').map((part) => {
    const [name = '', value = ''] = part.trim().split('=', 2);
    return [name, value] as const;
  });
}

function digestOf({ bytes }: SecretKey, seconds: string, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', bytes).update(`${seconds}.`).update(rawBody).digest();
}
