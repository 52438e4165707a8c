/** Ids come as text or as two halves; whichever it was, the 16 bytes must be the same. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUuid, uuidBytes, uuidHalves, uuidText } from '../../../src/devstore/wire/uuid.ts';
import { arbitraryId } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const encodeText = (text: string): Buffer => Buffer.from(new shared.UUID().setString(text).serializeBinary());

const encodeHalves = (id: Buffer): Buffer => {
  const { most, least } = uuidHalves(id);
  const halves = new shared.UUID.Structured().setMostSignificantBits(most).setLeastSignificantBits(least);
  return Buffer.from(new shared.UUID().setStructured(halves).serializeBinary());
};

describe('the text of an id', () => {
  it('leads back to its bytes, in either case and without its hyphens', () => {
    holds(
      fc.property(arbitraryId, (id) => {
        const text = uuidText(id);
        expect(text).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        expect(uuidBytes(text)).toEqual(id);
        expect(uuidBytes(text.toUpperCase())).toEqual(id);
        expect(uuidBytes(text.replaceAll('-', ''))).toEqual(id);
      }),
    );
  });

  it.each([
    '',
    'no id',
    '01234567-89ab-cdef-0123-456789abcde',
    '01234567-89ab-cdef-0123-456789abcdeg',
    ' 01234567-89ab-cdef-0123-456789abcdef',
  ])('is not %j', (text) => {
    expect(uuidBytes(text)).toBeUndefined();
  });
});

describe('the contract’s UUID message', () => {
  it('holds the same id as text and as two halves', () => {
    holds(
      fc.property(arbitraryId, (id) => {
        expect(decodeUuid(encodeText(uuidText(id)))).toEqual(id);
        expect(decodeUuid(encodeHalves(id))).toEqual(id);
      }),
    );
  });

  it('holds no id when it is empty or its text is none', () => {
    expect(decodeUuid(Buffer.alloc(0))).toBeUndefined();
    expect(decodeUuid(encodeText('no id'))).toBeUndefined();
  });

  it('is refused at once when a half has more bytes than a number can have', () => {
    const half = Buffer.concat([Buffer.of(1 << 3), Buffer.alloc(100, 0x80), Buffer.of(1)]);
    expect(() => decodeUuid(Buffer.concat([Buffer.of((1 << 3) | 2, half.length), half]))).toThrow(RangeError);
  });

  it('keeps its halves when it carries fields of a later version', () => {
    const halves = Buffer.of(1 << 3, 1, 2 << 3, 2, 3 << 3, 9);
    const id = decodeUuid(Buffer.concat([Buffer.of((1 << 3) | 2, halves.length), halves]));
    expect(id?.toString('hex')).toBe('00000000000000010000000000000002');
  });
});
