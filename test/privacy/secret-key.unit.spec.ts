import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseMasterKeys, parseSecretKey } from '../../src/privacy/index.ts';

const one = randomBytes(32);
const two = randomBytes(32);
const [first, second] = [one.toString('base64'), two.toString('base64')];

describe('a secret key', () => {
  test('is 32 bytes as base64', () => {
    expect(parseSecretKey(first)).toEqual({ kind: 'valid', value: { bytes: one } });
  });

  test.each([
    '',
    'secret',
    one.toString('hex'),
    first.slice(0, -1),
    `${first} `,
    randomBytes(31).toString('base64'),
  ])('is not "%s"', (text) => {
    expect(parseSecretKey(text)).toEqual({ kind: 'refused', code: 'key_malformed' });
  });
});

describe('the master keys', () => {
  test('are named, and the current one comes first', () => {
    expect(parseMasterKeys(`2:${second},1:${first}`)).toEqual({
      kind: 'valid',
      value: { current: { id: '2', bytes: two }, former: [{ id: '1', bytes: one }] },
    });
  });

  test.each([
    ['', 'key_malformed'],
    [first, 'key_malformed'],
    [`:${first}`, 'key_malformed'],
    [`A:${first}`, 'key_malformed'],
    [`1:${first},`, 'key_malformed'],
    [`1:${first},1:${second}`, 'key_id_repeated'],
  ])('are not "%s": %s', (text, code) => {
    expect(parseMasterKeys(text)).toEqual({ kind: 'refused', code });
  });
});
