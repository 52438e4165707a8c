import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePublicKey, publicKeyPem, publicKeyText, signingKeyOf } from '../src/signing.ts';
import { key, otherKey } from './tickets/fixtures.ts';

const ed25519 = (bytes: string): string =>
  publicKeyText(signingKeyOf({ bytes: Buffer.from(bytes, 'hex') }).publicKey);

describe('A signing key', () => {
  it('has the public key that RFC 8032 gives for the same seed', () => {
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    expect(ed25519(seed)).toBe(Buffer.from(publicKey, 'hex').toString('base64'));
  });

  it('is named differently from others', () => {
    expect(key.publicKey.id).toMatch(/^[0-9a-f]{8}$/);
    expect(key.publicKey.id).not.toBe(otherKey.publicKey.id);
  });

  it('is read back from base64 and from PEM, with the white space that files have', () => {
    for (const text of [publicKeyText(key.publicKey), publicKeyPem(key.publicKey)]) {
      const parsed = parsePublicKey(`${text}\n`);
      expect(parsed.kind === 'valid' && parsed.key.id).toBe(key.publicKey.id);
    }
  });

  it.each(['', 'AAAA', 'x'.repeat(44), '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])(
    'is not %j',
    (text) => {
      expect(parsePublicKey(text)).toEqual({ kind: 'refused', code: 'key_malformed' });
    },
  );

  it('is not a key of another kind', () => {
    const { publicKey } = generateKeyPairSync('x25519');
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expect(parsePublicKey(pem)).toEqual({ kind: 'refused', code: 'key_malformed' });
  });
});
