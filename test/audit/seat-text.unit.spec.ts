import { describe, expect, it } from 'vitest';
import { seatsMeant } from '../../src/audit/seat-text.ts';
import { createSeatNames } from '../../src/domain/sale/index.ts';
import { terms } from '../domain/sale/fixtures.ts';

const balcony = { kind: 'seated', id: 'balcony', priceMinor: 300 };
const stalls = { kind: 'seated', id: 'stalls', priceMinor: 500 };
const sale = terms({
  layout: [
    { ...stalls, sections: [{ name: 'Left', rows: [{ rows: 'A-C', seats: '1-12' }] }] },
    { ...balcony, sections: [{ name: 'Top', rows: [{ rows: 'C-D', seats: '1-12' }] }] },
  ],
});
const hall = { terms: sale, seats: createSeatNames(sale.layout), position: 0n };
const meant = (text: string) => seatsMeant(hall, text).seats.map(({ number }) => number);

describe('A seat', () => {
  it.each(['B-12', 'b 12', 'B/12', 'B12', 'Left-B-12', 'stalls/B/12', 'stalls/Left/B/12', ' B - 12 ', '23'])(
    'is meant by “%s”',
    (text) => expect(meant(text)).toEqual([23]),
  );

  it('that is called as another one is both, until the category is named', () => {
    expect(meant('C-1')).toEqual([24, 36]);
    expect(meant('balcony/C/1')).toEqual([36]);
    expect(meant('top C 1')).toEqual([36]);
  });

  it.each(['Z-1', 'B-13', '60', '', '-', 'stalls', 'B'])('is not meant by “%s”', (text) =>
    expect(meant(text)).toEqual([]),
  );

  it('is one of fifty at most where very many are called the same', () => {
    const sections = Array.from({ length: 60 }, (_, nth) => ({
      name: `S${nth}`,
      rows: [{ rows: 'A', seats: '1' }],
    }));
    const many = terms({ layout: [{ ...stalls, sections }] });
    const answer = seatsMeant({ terms: many, seats: createSeatNames(many.layout), position: 0n }, 'A-1');
    expect([answer.seats.length, answer.more]).toEqual([50, true]);
  });
});
