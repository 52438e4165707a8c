/**
 * Ed25519 keys made from a 32-byte seed, and their public halves, which check without any connection: tickets at a
 * door, reports of the auditor anywhere. A key is named by four bytes of its own hash, so that what is signed can say
 * which key it wants.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { SecretKey } from './privacy/index.ts';

/** What PKCS #8 and SPKI put before the bytes of an Ed25519 key. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;
export const KEY_ID_BYTES = 4;

export type PublicKey = {
  /** Hexadecimal. */
  readonly id: string;
  /** The 32 bytes of the key. */
  readonly bytes: Uint8Array;
  readonly key: KeyObject;
};

export type SigningKey = { readonly privateKey: KeyObject; readonly publicKey: PublicKey };

/** `secret` is the seed. */
export function signingKeyOf(secret: SecretKey): SigningKey {
  const der = Buffer.concat([PRIVATE_PREFIX, secret.bytes]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: publicKeyOf(createPublicKey(privateKey)) };
}

/** As the auditor takes it: it knows nothing of secrets. */
export function reportKeyOf(secret: SecretKey): {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
} {
  const { privateKey, publicKey } = signingKeyOf(secret);
  return { privateKey, publicKey: publicKeyText(publicKey) };
}

export type ParsedPublicKey =
  | { readonly kind: 'valid'; readonly key: PublicKey }
  | { readonly kind: 'refused'; readonly code: 'key_malformed' };

/** Its 32 bytes as base64, or PEM. */
export function parsePublicKey(text: string): ParsedPublicKey {
  const trimmed = text.trim();
  try {
    if (trimmed.startsWith('-----BEGIN PUBLIC KEY-----')) {
      const key = createPublicKey(trimmed);
      if (key.asymmetricKeyType === 'ed25519') return { kind: 'valid', key: publicKeyOf(key) };
      return { kind: 'refused', code: 'key_malformed' };
    }
    const bytes = Buffer.from(trimmed, 'base64');
    if (bytes.length === PUBLIC_KEY_BYTES && bytes.toString('base64') === trimmed) {
      const der = Buffer.concat([PUBLIC_PREFIX, bytes]);
      return { kind: 'valid', key: publicKeyOf(createPublicKey({ key: der, format: 'der', type: 'spki' })) };
    }
  } catch {
    // Not a key at all: said below.
  }
  return { kind: 'refused', code: 'key_malformed' };
}

export const publicKeyText = ({ bytes }: PublicKey): string => Buffer.from(bytes).toString('base64');

export const publicKeyPem = ({ key }: PublicKey): string =>
  key.export({ format: 'pem', type: 'spki' }).toString();

function publicKeyOf(key: KeyObject): PublicKey {
  const bytes = key.export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES);
  const id = createHash('sha256')
    .update(bytes)
    .digest('hex')
    .slice(0, 2 * KEY_ID_BYTES);
  return { id, bytes, key };
}
