import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameData } from '../../../src/domain/shared/same-data.ts';

describe('data is the same', () => {
  test('as its copy, and as a copy with undefined fields', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const copy = JSON.parse(JSON.stringify(data));
        expect(sameData(data, copy)).toBe(true);
        expect(sameData({ kept: copy, left: undefined }, { kept: data })).toBe(true);
      }),
    );
  });

  test.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, {}],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [[], {}],
    [null, {}],
    [0, null],
    ['1', 1],
  ])('but %j is not %j', (left, right) => {
    expect(sameData(left, right)).toBe(false);
    expect(sameData(right, left)).toBe(false);
  });
});
