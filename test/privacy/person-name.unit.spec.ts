import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseName } from '../../src/privacy/index.ts';

describe('a name', () => {
  test.each([
    ['王小明', '王小明'],
    ['  王  小明 ', '王 小明'],
    ['买买提·艾力', '买买提·艾力'],
    ['𠮷田', '𠮷田'],
    ['〇一', '〇一'],
    ["Seán O'Neill", "Seán O'Neill"],
    ['Jose\u0301', 'José'],
    ['Jean-Luc St. Pierre', 'Jean-Luc St. Pierre'],
    ['محمد', 'محمد'],
  ])('"%s" is kept as "%s"', (typed, name) => {
    expect(parseName(typed)).toEqual({ kind: 'valid', name });
  });

  test.each([
    ['', 'name_empty'],
    [' \t', 'name_empty'],
    ['王'.repeat(65), 'name_too_long'],
    ['<b>王</b>', 'name_malformed'],
    ['王\u0000明', 'name_malformed'],
    ['王\u202e明', 'name_malformed'],
    ['12345', 'name_malformed'],
    ['😀', 'name_malformed'],
  ])('"%s" is refused: %s', (typed, code) => {
    expect(parseName(typed)).toEqual({ kind: 'refused', code });
  });

  test('that was tidied stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        const parsed = parseName(typed);
        if (parsed.kind === 'valid') expect(parseName(parsed.name)).toEqual(parsed);
      }),
    );
  });
});
