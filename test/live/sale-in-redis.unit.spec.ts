/** What Redis is filled with: the free places of a sale, and over how many buckets they are spread. */
import { describe, expect, it } from 'vitest';
import { saleDecider } from '../../src/domain/sale/index.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { refillOf } from '../../src/live/sale-in-redis.ts';
import { idOf, terms } from '../domain/sale/fixtures.ts';

const PROGRAM = programIdSchema.parse('swan-lake');

function categoriesOf(layout: readonly object[]) {
  const started = { type: 'SaleStarted', data: terms({ layout }) } as const;
  const { book } = saleDecider.evolve(saleDecider.initial(), started);
  if (book === undefined) throw new Error('The sale has started.');
  return refillOf(PROGRAM, book, 0n).categories;
}

const general = (capacity: number) => ({
  kind: 'general',
  id: idOf.category('field'),
  priceMinor: 500,
  capacity,
});
const hall = {
  kind: 'seated',
  id: idOf.category('hall'),
  priceMinor: 500,
  sections: [{ name: 'Hall', rows: [{ rows: '1-60', seats: '1-50' }] }],
};

describe('what Redis is filled with', () => {
  it.each([
    [1, 1],
    [2_000, 1],
    [2_001, 2],
    [9_000, 5],
    [200_000, 8],
  ])('spreads %i places of general admission over %i buckets', (capacity, buckets) => {
    expect(categoriesOf([general(capacity)])).toEqual([{ category: 0, places: capacity, buckets }]);
  });

  it('keeps seats in one bucket, however many: the sale alone chooses them', () => {
    expect(categoriesOf([hall])).toEqual([{ category: 0, places: 3_000, buckets: 1 }]);
  });
});
