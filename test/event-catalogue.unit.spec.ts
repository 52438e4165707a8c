/** What must hold for all events of the engine together. */
import { describe, expect, it } from 'vitest';
import { accountCodec, engineCodec, saleCodec, streamPrefixes } from '../src/event-catalogue.ts';

describe('the events of the engine', () => {
  it('have names of their own: no two aggregates share one', () => {
    expect(new Set(engineCodec.types).size).toBe(engineCodec.types.length);
    expect(engineCodec.types).toEqual(expect.arrayContaining([...saleCodec.types, ...accountCodec.types]));
  });

  it('are past-tense facts', () => {
    for (const type of engineCodec.types)
      expect(type).toMatch(/^[A-Z][A-Za-z]+(ed|Sold|Paid|Held|Rebuilt|RolledBack|Read)$/);
  });

  it('are in streams whose categories have no dash', () => {
    for (const prefix of streamPrefixes) expect(prefix).toMatch(/^[A-Z][A-Za-z]*-$/);
  });
});
