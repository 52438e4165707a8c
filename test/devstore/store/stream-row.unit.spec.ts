/** A stream's row bounds every read of it, so it is stored exactly and never believed when it is damaged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptRecordError } from '../../../src/devstore/store/corrupt.ts';
import {
  decodeStreamRow,
  encodeStreamRow,
  firstReadableRevision,
  isSoftDeleted,
  newStreamRow,
  SOFT_DELETED,
  type StreamRow,
} from '../../../src/devstore/store/stream-row.ts';
import { arbitraryName, arbitraryNumber } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const arbitraryRow: fc.Arbitrary<StreamRow> = fc.record({
  id: arbitraryNumber,
  lastRevision: fc.oneof(fc.constant(-1), arbitraryNumber),
  tombstoned: fc.boolean(),
  truncateBefore: fc.oneof(fc.constant(SOFT_DELETED), arbitraryNumber),
  maxCount: fc.option(arbitraryNumber),
  maxAgeSeconds: fc.option(arbitraryNumber),
  hasMetadata: fc.boolean(),
});

describe('a stored row', () => {
  it('is the row it was', () => {
    holds(
      fc.property(arbitraryRow, arbitraryName, (row, stream) => {
        expect(decodeStreamRow(encodeStreamRow(row, stream), stream)).toEqual(row);
      }),
    );
  });

  it('with a changed byte is refused under its stream’s name, or means the same', () => {
    holds(
      fc.property(arbitraryRow, fc.nat(), fc.integer({ min: 1, max: 255 }), (row, at, flipped) => {
        const bytes = encodeStreamRow(row, 'Sale-1');
        const index = at % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(index) ^ flipped, index);
        let decoded: StreamRow | undefined;
        try {
          decoded = decodeStreamRow(bytes, 'Sale-1');
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptRecordError);
          expect(String(error)).toContain("'Sale-1'");
        }
        if (decoded !== undefined) expect(decoded).toEqual(row);
      }),
      500,
    );
  });
});

describe('a row under another stream’s name', () => {
  it('is refused', () => {
    holds(
      fc.property(arbitraryRow, arbitraryName, arbitraryName, (row, stream, other) => {
        fc.pre(stream !== other);
        expect(() => decodeStreamRow(encodeStreamRow(row, stream), other)).toThrow(CorruptRecordError);
      }),
    );
  });
});

describe('the first revision that a read may show', () => {
  const row = (change: Partial<StreamRow>): StreamRow => ({ ...newStreamRow(1), lastRevision: 9, ...change });

  it.each([
    ['nothing bounds it', {}, 0],
    ['$tb is 4', { truncateBefore: 4 }, 4],
    ['$maxCount is 3', { maxCount: 3 }, 7],
    ['$maxCount is more than there is', { maxCount: 100 }, 0],
    ['both are set, and $maxCount leaves less', { truncateBefore: 4, maxCount: 3 }, 7],
    ['both are set, and $tb leaves less', { truncateBefore: 8, maxCount: 3 }, 8],
  ] as const)('is right when %s', (_, change, expected) => {
    expect(firstReadableRevision(row(change))).toBe(expected);
  });

  it('lies behind the last event of a soft-deleted stream', () => {
    const deleted = row({ truncateBefore: SOFT_DELETED });
    expect(isSoftDeleted(deleted)).toBe(true);
    expect(firstReadableRevision(deleted)).toBeGreaterThan(deleted.lastRevision);
  });
});
