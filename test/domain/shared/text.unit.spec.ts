import { describe, expect, it } from 'vitest';
import { programDetailsSchema, programEventSpecs } from '../../../src/domain/program/index.ts';
import { layoutSchema } from '../../../src/domain/sale/index.ts';
import { lineSchema, nameSchema } from '../../../src/domain/shared/text.ts';
import { cancelled, details } from '../program/fixtures.ts';

/** JSON can say them, and SQL or UTF-8 cannot keep them. */
const unkeepable = ['a\0b', '\ud800', 'x\udfff', '\udc00\ud800'];

const hall = (section: string, seats: string) => [
  { kind: 'seated', id: 'a', priceMinor: 1, sections: [{ name: section, rows: [{ rows: 'A', seats }] }] },
];

describe('a text', () => {
  it.each(unkeepable)('of %j is refused wherever people write one', (text) => {
    expect(lineSchema.safeParse(text).success).toBe(false);
    expect(nameSchema.safeParse({ zh: text }).success).toBe(false);
    expect(programDetailsSchema.safeParse({ ...details, title: { en: text } }).success).toBe(false);
    expect(programDetailsSchema.safeParse({ ...details, description: { en: text } }).success).toBe(false);
    expect(programDetailsSchema.safeParse({ ...details, cover: `/a/${text}` }).success).toBe(false);
    const reasons = programEventSpecs.find(({ type }) => type === cancelled.type)?.schema;
    expect(reasons?.safeParse({ ...cancelled.data, reason: text }).success).toBe(false);
    expect(layoutSchema.safeParse(hall(text, '1')).success).toBe(false);
    expect(layoutSchema.safeParse(hall('A', text)).success).toBe(false);
  });

  it('of any script, with whole surrogate pairs, is a text', () => {
    expect(nameSchema.parse({ zh: ' 𠮷野家 🎭 ' })).toEqual({ zh: '𠮷野家 🎭' });
    expect(layoutSchema.safeParse(hall('池座🎭', '1,甲,乙')).success).toBe(true);
  });
});
