/** Metadata is users' JSON: whatever it says, only a bound that makes sense may bound a read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changedMetadata,
  isMetastream,
  originalOf,
  softDelete,
  undelete,
} from '../../../src/devstore/store/metadata.ts';
import { isSoftDeleted, newStreamRow } from '../../../src/devstore/store/stream-row.ts';
import { arbitraryBytes, arbitraryName } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const ROW = newStreamRow(1);
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const parsed = (data: Buffer): unknown => JSON.parse(data.toString());

it('knows a metastream by its two dollar signs', () => {
  holds(
    fc.property(arbitraryName, (stream) => {
      expect(isMetastream(`$$${stream}`)).toBe(true);
      expect(originalOf(`$$${stream}`)).toBe(stream);
    }),
  );
  expect(isMetastream('$one')).toBe(false);
});

describe('the bounds of a stream', () => {
  it('are those that its metadata names', () => {
    const row = changedMetadata(ROW, json({ $tb: 4, $maxCount: 10, $maxAge: 60, other: 1 }));
    expect(row).toEqual({ ...ROW, hasMetadata: true, truncateBefore: 4, maxCount: 10, maxAgeSeconds: 60 });
  });

  it('are gone with metadata that names none', () => {
    const bounded = changedMetadata(ROW, json({ $tb: 4, $maxCount: 10, $maxAge: 60 }));
    expect(changedMetadata(bounded, json({}))).toEqual({ ...ROW, hasMetadata: true });
  });

  it('are none where a value is no bound', () => {
    const fraction = fc.nat().map((whole) => whole + 0.5);
    const senseless = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer({ max: -1 }),
      fraction,
    );
    holds(
      fc.property(senseless, (value) => {
        const row = changedMetadata(ROW, json({ $tb: value, $maxCount: value, $maxAge: value }));
        expect(row).toEqual({ ...ROW, hasMetadata: true });
      }),
    );
  });

  it('are none, and nothing fails, where the metadata is any bytes or any JSON', () => {
    holds(
      fc.property(fc.oneof(arbitraryBytes(), fc.json().map(Buffer.from)), (data) => {
        fc.pre(!data.includes('$'));
        expect(changedMetadata(ROW, data)).toEqual({ ...ROW, hasMetadata: true });
      }),
    );
  });
});

describe('a soft delete', () => {
  it('truncates at 2^63 - 1 and keeps what else the metadata said', () => {
    const event = softDelete(json({ $tb: 3, $maxCount: 10, owner: 'box office' }));
    expect(event.data.toString()).toContain('"$tb":9223372036854775807');
    expect(parsed(event.data)).toMatchObject({ $maxCount: 10, owner: 'box office' });
    expect(isSoftDeleted(changedMetadata(ROW, event.data))).toBe(true);
  });

  it('needs no metadata before it', () => {
    expect(softDelete(undefined).data.toString()).toBe('{"$tb":9223372036854775807}');
  });

  it('ends with the next append: the stream goes on at its next revision', () => {
    const deleted = softDelete(json({ $maxCount: 10 })).data;
    const event = undelete(deleted, 7);
    expect(parsed(event.data)).toEqual({ $tb: 7, $maxCount: 10 });
    expect(isSoftDeleted(changedMetadata(ROW, event.data))).toBe(false);
  });
});
