/**
 * AES-256-GCM with the nonce in front and the tag behind. Everything that is sealed here says what it belongs
 * to.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `belongsTo` is not stored: whoever opens must name the same things, in the same order. */
export function seal(key: Uint8Array, clear: Uint8Array, belongsTo: readonly string[]): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(JSON.stringify(belongsTo)));
  return Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when it was sealed with another key, belongs to something else, or was changed. */
export function open(key: Uint8Array, sealed: Uint8Array, belongsTo: readonly string[]): Buffer | undefined {
  const tagAt = sealed.length - TAG_BYTES;
  if (tagAt < NONCE_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(JSON.stringify(belongsTo)));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const clear = decipher.update(sealed.subarray(NONCE_BYTES, tagAt));
  try {
    return Buffer.concat([clear, decipher.final()]);
  } catch {
    // The one thing `final` fails for is a tag that does not fit.
    return undefined;
  }
}

/** Undefined when the text is not exactly what `toString('base64url')` writes: one text for one content. */
export function bytesOf(base64url: string): Buffer | undefined {
  const bytes = Buffer.from(base64url, 'base64url');
  return bytes.toString('base64url') === base64url ? bytes : undefined;
}
