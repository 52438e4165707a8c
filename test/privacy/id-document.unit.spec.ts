import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idDocumentHashSchema } from '../../src/domain/shared/ids.ts';
import { type IdType, idTypes } from '../../src/domain/shared/personal-data.ts';
import { hashIdDocument, normaliseIdNumber, parseIdDocument } from '../../src/privacy/index.ts';
import { anyDocument } from './fixtures.ts';

const nowMs = Date.UTC(2026, 0, 1);
const key = { bytes: new Uint8Array(32).fill(7) };

const refusal = (idType: IdType, number: string) => {
  const parsed = parseIdDocument(idType, number, nowMs);
  return parsed.kind === 'valid' ? 'valid' : parsed.code;
};
const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));

describe('a number of an id document', () => {
  test.each([
    [1, '11010519491231002X'],
    [1, '52030219891209794X'],
    [2, '810000199408230021'],
    [2, '830000199201300022'],
    [3, 'H12345678'],
    [3, 'M1234567801'],
    [4, '12345678'],
    [5, 'E12345678'],
    [5, '123456789'],
    [6, 'USA310089120101'],
  ] as const)('of type %i may be %s', (idType, number) => {
    expect(refusal(idType, number)).toBe('valid');
  });

  test.each([
    [1, '', 'id_number_empty'],
    [1, '   ', 'id_number_empty'],
    [1, '110105491231002', 'id_number_malformed'],
    [1, 'X1010519491231002X', 'id_number_malformed'],
    [1, '110105194912310021', 'id_number_check_digit'],
    [1, '110105194902300028', 'id_number_birth_date'],
    [1, '440524188001010014', 'id_number_birth_date'],
    [1, '110105202612310022', 'id_number_birth_date'],
    [1, '990105194912310021', 'id_number_of_another_type'],
    [1, '770105194912310021', 'id_number_region'],
    [1, '810000199408230021', 'id_number_of_another_type'],
    [2, '11010519491231002X', 'id_number_of_another_type'],
    [2, '810001199408230021', 'id_number_region'],
    [2, '810000199408230022', 'id_number_check_digit'],
    [3, 'A12345678', 'id_number_malformed'],
    [3, 'H123456789', 'id_number_malformed'],
    [4, '1234567', 'id_number_malformed'],
    [5, 'ABCDEFGHI', 'id_number_malformed'],
    [5, 'E123-4567', 'id_number_malformed'],
    [5, 'E12345678901234', 'id_number_malformed'],
    [6, '11010519491231002X', 'id_number_of_another_type'],
    [6, 'US3100891201011', 'id_number_malformed'],
  ] as const)('of type %i is not %s: %s', (idType, number, code) => {
    expect(refusal(idType, number)).toBe(code);
  });

  test('is accepted as every type’s own generator makes it', () => {
    fc.assert(
      fc.property(anyDocument, ({ idType, number }) => {
        expect(refusal(idType, number)).toBe('valid');
      }),
      { numRuns: 500 },
    );
  });

  test('with one digit mistyped, or two neighbours swapped, is caught by its check digit or its date', () => {
    const cards = anyDocument.filter(({ idType }) => idType === 1);
    const digit = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(cards, fc.integer({ min: 6, max: 16 }), digit, ({ number }, at, wrong) => {
        const mistyped = number.slice(0, at) + wrong + number.slice(at + 1);
        const swapped =
          number.slice(0, at - 1) + number.charAt(at) + number.charAt(at - 1) + number.slice(at + 1);
        for (const other of [mistyped, swapped]) {
          if (other !== number) expect(refusal(1, other)).not.toBe('valid');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('never makes the rules throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(...idTypes), fc.string({ unit: 'binary' }), (idType, number) => {
        refusal(idType, number);
      }),
      { numRuns: 500 },
    );
  });
});

describe('normalising', () => {
  test('makes one number of all ways to write it', () => {
    const written = fc.constantFrom(
      (number: string) => number,
      (number: string) => ` ${number}\t`,
      (number: string) => number.toLowerCase(),
      fullWidth,
      (number: string) => fullWidth(number.toLowerCase()),
      (number: string) => number.replace(/(.{6})/, '$1 '),
      (number: string) => `\u3000${number}`,
    );
    fc.assert(
      fc.property(anyDocument, written, (document, write) => {
        const typed = write(document.number);
        expect(normaliseIdNumber(typed)).toBe(document.number);
        expect(parseIdDocument(document.idType, typed, nowMs)).toEqual({ kind: 'valid', document });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the hash of a document', () => {
  test('of these documents never changes, because sales are decided by it', () => {
    expect(hashIdDocument(key, { idType: 1, number: '11010519491231002X' })).toBe(
      '3a634389b4d47fced28ce3fef32b3271',
    );
  });

  test('is equal for the same document only, and under the same key only', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (one, two) => {
        const hash = hashIdDocument(key, one);
        expect(idDocumentHashSchema.parse(hash)).toBe(hash);
        const same = one.idType === two.idType && one.number.slice(0, 9) === two.number.slice(0, 9);
        if (!same) expect(hashIdDocument(key, two)).not.toBe(hash);
        expect(hashIdDocument(key, { ...one })).toBe(hash);
        expect(hashIdDocument({ bytes: randomBytes(32) }, one)).not.toBe(hash);
      }),
    );
  });

  test('tells the same number of two types apart', () => {
    const number = '12345678';
    expect(hashIdDocument(key, { idType: 4, number })).not.toBe(hashIdDocument(key, { idType: 5, number }));
  });

  test('is the same for a travel permit with and without its count of renewals', () => {
    const hash = hashIdDocument(key, { idType: 3, number: 'H12345678' });
    expect(hashIdDocument(key, { idType: 3, number: 'H1234567801' })).toBe(hash);
    expect(hashIdDocument(key, { idType: 3, number: 'H1234567901' })).not.toBe(hash);
  });
});
