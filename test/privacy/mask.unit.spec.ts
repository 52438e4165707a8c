import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskIdNumber, maskName } from '../../src/privacy/index.ts';
import { anyDocument } from './fixtures.ts';

describe('a masked name', () => {
  test.each([
    ['王小明', '王*'],
    ['欧阳娜娜', '欧*'],
    ['𠮷野家', '𠮷*'],
    ['Alice Smith', 'A*'],
    ['Ésmé', 'É*'],
    ['e\u0301a', 'e\u0301*'],
    [' 李四 ', '李*'],
    ['王', '*'],
    ['', ''],
  ])('of "%s" is "%s"', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  test('never tells more than the first character, and not how many there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        fc.pre(name.trim() !== '' && !name.includes('*'));
        const masked = maskName(name);
        expect(masked.endsWith('*')).toBe(true);
        expect(masked).not.toContain(name.trim());
        expect(name.trim().startsWith(masked.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe('a masked id number', () => {
  test.each([
    ['11010519491231002X', '1101**********002X'],
    ['USA310089120101', 'USA*********101'],
    ['E12345678', 'E1*****78'],
    ['12345678', '12****78'],
    ['12345', '1***5'],
    ['123', '***'],
    ['', ''],
  ])('of %s is %s', (number, masked) => {
    expect(maskIdNumber(number)).toBe(masked);
  });

  test('shows four at each end at most, and hides half at least', () => {
    const anyNumber = fc.oneof(
      anyDocument.map(({ number }) => number),
      fc.stringMatching(/^[0-9A-Z]{1,40}$/),
    );
    fc.assert(
      fc.property(anyNumber, (number) => {
        const masked = maskIdNumber(number);
        const hidden = [...masked].filter((character) => character === '*').length;
        expect(masked.length).toBe(number.length);
        expect(hidden * 2).toBeGreaterThanOrEqual(number.length);
        expect(number.length - hidden).toBeLessThanOrEqual(8);
        expect(masked).toMatch(/^[^*]{0,4}\*+[^*]{0,4}$/);
      }),
    );
  });
});
