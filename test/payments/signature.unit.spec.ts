import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSignature, SIGNATURE_WINDOW_MS, signCallback } from '../../src/payments/signature.ts';
import { holds } from '../support/properties.ts';

const key = { bytes: new Uint8Array(32).fill(7) };
const otherKey = { bytes: new Uint8Array(32).fill(8) };
const body = Buffer.from('{"kind":"captured"}');
const NOW_MS = 1_700_000_000_000;
const signed = signCallback(key, body, NOW_MS);

describe('The signature of a callback', () => {
  it('is what anybody computes who knows the key, the time and the body', () => {
    expect(signed).toBe('t=1700000000,v1=3ec1e91069800c51b65fdf209553ab48c3adfadcdce7281e29283d820d7b3c2a');
  });

  it('fits its own body and no other', () => {
    expect(checkSignature(key, signed, body, NOW_MS)).toBe('valid');
    expect(checkSignature(key, signed, Buffer.from('{}'), NOW_MS)).toBe('signature_invalid');
    expect(checkSignature(otherKey, signed, body, NOW_MS)).toBe('signature_invalid');
  });

  it('is good for five minutes, in both directions', () => {
    const at = (differenceMs: number) => checkSignature(key, signed, body, NOW_MS + differenceMs);
    expect(at(SIGNATURE_WINDOW_MS)).toBe('valid');
    expect(at(SIGNATURE_WINDOW_MS + 1)).toBe('callback_too_old');
    expect(at(-SIGNATURE_WINDOW_MS)).toBe('valid');
    expect(at(-SIGNATURE_WINDOW_MS - 1)).toBe('callback_too_old');
  });

  it('cannot be given a newer time', () => {
    const renewed = signed.replace('t=1700000000', 't=1700009000');
    expect(checkSignature(key, renewed, body, 1_700_009_000_000)).toBe('signature_invalid');
  });

  it('may stand beside one of another key, while keys follow each other', () => {
    const [, other = ''] = signCallback(otherKey, body, NOW_MS).split(',');
    expect(checkSignature(key, `${signed},${other}`, body, NOW_MS)).toBe('valid');
    expect(checkSignature(otherKey, `${signed},${other}`, body, NOW_MS)).toBe('valid');
  });

  it.each([
    undefined,
    '',
    't=1700000000',
    'v1=00',
    't=x,v1=00',
    `t=,${signed}`,
    `${signed}00`,
    'v1,t',
    't='.repeat(9_000),
  ])('is invalid when the header is %j', (header) => {
    expect(checkSignature(key, header, body, NOW_MS)).toBe('signature_invalid');
  });

  it('is never found in a header that somebody made up', () => {
    holds(
      fc.property(fc.string({ maxLength: 200 }), (header) => {
        expect(checkSignature(key, header, body, NOW_MS)).toBe('signature_invalid');
      }),
    );
  });
});
