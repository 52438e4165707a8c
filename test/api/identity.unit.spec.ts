import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createTokenVerifier, mintToken } from '../../src/api/identity.ts';
import { userIdSchema } from '../../src/domain/shared/ids.ts';

const key = new Uint8Array(32).fill(1);
const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1_000;
const userId = userIdSchema.parse('ann');
const claims = { iss: 'seatlog', aud: 'seatlog', sub: 'ann', exp: NOW + 60 };

const verifierAt = (nowMs: number) => createTokenVerifier({ key, nowMs: () => nowMs });
const sign = (payload: object, { alg = 'HS256', by = key } = {}) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg }).sign(by);

describe('a token', () => {
  test('that was minted says who it is and what it may', async () => {
    const token = await mintToken(key, { userId, scopes: ['operator'], ttlSeconds: 60, nowMs: NOW_MS });
    const verify = verifierAt(NOW_MS);
    const verdict = await verify(token);
    expect(verdict).toEqual({ kind: 'verified', identity: { userId, scopes: new Set(['operator']) } });
    // Remembered: the same answer, at once.
    expect(verify(token)).toBe(verdict);
  });

  test('expires, some seconds late, also when it is remembered', async () => {
    const token = await mintToken(key, { userId, scopes: [], ttlSeconds: 60, nowMs: NOW_MS });
    let nowMs = NOW_MS;
    const verify = createTokenVerifier({ key, nowMs: () => nowMs });
    for (const [afterMs, kind] of [
      [0, 'verified'],
      [64_000, 'verified'],
      [65_000, 'refused'],
    ] as const) {
      nowMs = NOW_MS + afterMs;
      expect(await verify(token)).toMatchObject({ kind });
      expect(await verifierAt(nowMs)(token)).toMatchObject({ kind });
    }
    expect(await verify(token)).toEqual({ kind: 'refused', code: 'token_expired' });
  });

  test('beyond those that are remembered is verified again', async () => {
    const verify = createTokenVerifier({ key, nowMs: () => NOW_MS, rememberedTokens: 1 });
    const [first, second] = await Promise.all([sign(claims), sign({ ...claims, sub: 'bob' })]);
    await verify(first);
    await verify(second);
    expect(verify(first)).toBeInstanceOf(Promise);
  });

  test.each([
    ['of another issuer', { ...claims, iss: 'other' }],
    ['for another audience', { ...claims, aud: 'other' }],
    ['without an end', { ...claims, exp: undefined }],
    ['without a subject', { ...claims, sub: undefined }],
    ['whose subject is no user id', { ...claims, sub: 'ann_bob' }],
    ['of the future', { ...claims, nbf: NOW + 60 }],
  ])('%s is refused', async (_what, payload) => {
    expect(await verifierAt(NOW_MS)(await sign(payload))).toEqual({
      kind: 'refused',
      code: 'unauthenticated',
    });
  });

  test('signed otherwise than with our key and HS256 is refused', async () => {
    const tokens = [
      await sign(claims, { by: new Uint8Array(32).fill(2) }),
      await sign(claims, { alg: 'HS512', by: new Uint8Array(64).fill(1) }),
      new UnsecuredJWT({ ...claims }).encode(),
      `${await sign(claims)}x`,
      'x'.repeat(10_000),
      '',
    ];
    for (const token of tokens)
      expect(await verifierAt(NOW_MS)(token)).toMatchObject({ code: 'unauthenticated' });
  });

  test('needs a key of 32 bytes', () => {
    expect(() => createTokenVerifier({ key: new Uint8Array(31) })).toThrow(RangeError);
  });
});
