import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseMode, dispatchModes, dispatchSplitSchema } from '../../../src/domain/shared/dispatch-mode.ts';

const anySplit = fc.uniqueArray(
  fc.record({ mode: fc.constantFrom(...dispatchModes), weight: fc.integer({ min: 1, max: 10_000 }) }),
  { minLength: 1, selector: ({ mode }) => mode },
);

describe('a split of traffic', () => {
  test('gives each mode its weight', () => {
    fc.assert(
      fc.property(anySplit, (split) => {
        const total = split.reduce((sum, { weight }) => sum + weight, 0);
        let from = 0;
        for (const { mode, weight } of split) {
          expect(chooseMode(split, (from + 0.01) / total)).toBe(mode);
          expect(chooseMode(split, (from + weight - 0.01) / total)).toBe(mode);
          from += weight;
        }
      }),
    );
  });

  test('names a mode once, and at least one', () => {
    const twice = [
      { mode: 'v3', weight: 1 },
      { mode: 'v3', weight: 2 },
    ];
    expect(dispatchSplitSchema.safeParse(twice).success).toBe(false);
    expect(dispatchSplitSchema.safeParse([]).success).toBe(false);
    expect(() => chooseMode([], 0)).toThrow(RangeError);
  });
});
