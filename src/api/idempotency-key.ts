/** The header that makes a request safe to send again: its effect is had once, however often it arrives. */
import { hash, randomUUID } from 'node:crypto';
import type { UserId } from '../domain/shared/ids.ts';
import { invalid } from './parse.ts';

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,128}$/;
const WHAT_IT_IS = '1 to 128 visible ASCII characters';
/** 128 bits. */
const DIGEST_CHARACTERS = 32;

/** For the description of an endpoint. */
export const idempotencyKeyHeader = {
  'Idempotency-Key': `${WHAT_IT_IS}: the same request has one effect, however often sent.`,
} as const;

export const wrongIdempotencyKey = invalid([{ path: `header.${HEADER}`, message: WHAT_IT_IS }]);

/** Without the header every request is a new one. Undefined where it is not what a key may be. */
export const readIdempotencyKey = (header: (name: string) => string | undefined): string | undefined => {
  const key = header(HEADER) ?? randomUUID();
  return KEY.test(key) ? key : undefined;
};

/**
 * The same for the same buyer, key and kind of request, and nobody else's. No part can hold the line breaks between them,
 * so no two look alike.
 */
export const digestOfKey = (buyer: UserId, key: string, kind?: 'hold'): string =>
  hash('sha256', kind === undefined ? `${buyer}\n${key}` : `${buyer}\n${key}\n${kind}`, 'hex').slice(
    0,
    DIGEST_CHARACTERS,
  );
