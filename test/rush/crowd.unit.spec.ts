/** The crowd: the same for the same seed, and as mixed as it was asked to be. */
import { describe, expect, it } from 'vitest';
import { layoutSchema } from '../../src/domain/sale/index.ts';
import { createSeatNames } from '../../src/domain/sale/seat-names.ts';
import { userIdSchema } from '../../src/domain/shared/ids.ts';
import { refusalOf } from '../../src/privacy/id-rules.ts';
import { parseName } from '../../src/privacy/person-name.ts';
import { createAcknowledgements } from '../../src/rush/acknowledged.ts';
import { createCrowd } from '../../src/rush/crowd.ts';
import { hallOf } from '../../src/rush/hall.ts';
import { createTicketUserIds } from '../../src/rush/ticket-user-ids.ts';

const OPTIONS = { seed: 7, buyers: 20_000, party: { from: 1, to: 4 }, pay: 0.8, cancel: 0.1 };
const crowd = createCrowd(OPTIONS);
const numbers = Array.from({ length: OPTIONS.buyers }, (_, buyer) => buyer);
const shareOf = (holds: (buyer: number) => boolean) => numbers.filter(holds).length / numbers.length;

describe('a crowd', () => {
  it('arrives in an order of its own, everybody once', () => {
    expect([...crowd.arrivals].sort((one, other) => one - other)).toEqual(numbers);
    expect([...crowd.arrivals]).not.toEqual(numbers);
  });

  it('is the same for the same seed and another for another', () => {
    expect(createCrowd(OPTIONS).arrivals).toEqual(crowd.arrivals);
    const other = createCrowd({ ...OPTIONS, seed: 8 });
    expect(other.arrivals).not.toEqual(crowd.arrivals);
    expect(shareOf((buyer) => other.intent(buyer) === crowd.intent(buyer))).toBeLessThan(0.8);
  });

  it('has parties of every size, equally often', () => {
    for (const size of [1, 2, 3, 4])
      expect(shareOf((buyer) => crowd.partyOf(buyer) === size)).toBeCloseTo(0.25, 1);
  });

  it('cancels and pays as often as it was told to, and wishes for every place alike', () => {
    expect(shareOf((buyer) => crowd.intent(buyer) === 'cancel')).toBeCloseTo(0.1, 1);
    expect(shareOf((buyer) => crowd.intent(buyer) === 'pay')).toBeCloseTo(0.9 * 0.8, 1);
    expect(shareOf((buyer) => crowd.wish(buyer) < 0.4)).toBeCloseTo(0.4, 1);
    const allPay = createCrowd({ ...OPTIONS, pay: 1, cancel: 0 });
    expect(shareOf((buyer) => allPay.intent(buyer) === 'pay')).toBe(1);
  });

  it('consists of people whom the engine takes, no two with the same document', () => {
    const documents = new Set<string>();
    let people = 0;
    for (const buyer of numbers.slice(0, 2_000)) {
      expect(userIdSchema.safeParse(crowd.userId(buyer)).success).toBe(true);
      for (const { name, idNumber } of crowd.peopleOf(buyer)) {
        expect(refusalOf(5, idNumber, Date.now())).toBeUndefined();
        expect(parseName(name).kind).toBe('valid');
        documents.add(idNumber);
        people += 1;
      }
    }
    expect(documents.size).toBe(people);
  });
});

describe('a hall', () => {
  it.each([1, 39, 40, 41, 119, 120, 500, 10_000, 33_333, 200_000])(
    'of %i seats has exactly so many',
    (seats) => {
      const layout = layoutSchema.parse(hallOf(seats).map(({ name: _, ...category }) => category));
      expect(createSeatNames(layout).seatCount).toBe(seats);
    },
  );
});

describe('the ids of ticket users', () => {
  it('are given back as they were set, whatever their lengths', () => {
    const ids = createTicketUserIds(3, (buyer) => buyer + 1);
    const long = 'x'.repeat(48);
    ids.set(2, ['c1', 'c2', 'c3']);
    ids.set(0, ['a']);
    ids.set(1, [long, 'b']);
    expect([0, 1, 2].map(ids.of)).toEqual([['a'], [long, 'b'], ['c1', 'c2', 'c3']]);
    ids.set(1, ['short', 'b']);
    expect(ids.of(1)).toEqual(['short', 'b']);
  });

  it('are refused for another number than the party has, and missed where they were not set', () => {
    const ids = createTicketUserIds(2, () => 2);
    expect(() => ids.set(0, ['a'])).toThrow('Buyer 0 comes with 2, not with 1.');
    expect(() => ids.of(1)).toThrow('Buyer 1 has no ticket users.');
  });
});

describe('acknowledgements', () => {
  it('are all given back, beyond the first room for them', () => {
    const acknowledged = createAcknowledgements((buyer) => `buyer-${buyer}`);
    const count = 10_000;
    const first = 2n ** 62n;
    for (let index = 0; index < count; index += 1) {
      acknowledged.add(String(first + BigInt(index)), index, index % 2 === 0 ? 'placed' : 'queued');
    }
    const all = [...acknowledged];
    expect(acknowledged.count()).toBe(count);
    expect(all).toHaveLength(count);
    expect(all[9_999]).toEqual({ orderNumber: String(first + 9_999n), buyer: 'buyer-9999', as: 'queued' });
    expect([...acknowledged]).toEqual(all);
  });
});
