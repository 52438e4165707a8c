import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJournal } from '../../../src/domain/sale/cells.ts';
import { decimalOf, keyOfNumber } from '../../../src/domain/sale/keys.ts';
import { createSlotTable, findSlot, insertSlot, removeSlot } from '../../../src/domain/sale/slot-table.ts';
import { orderNumberSchema } from '../../../src/domain/shared/ids.ts';
import { printedRandom } from '../../support/random.ts';

const RUNS = { numRuns: 300, seed: printedRandom().seed };
const SLOTS = 16;

describe('A slot table', () => {
  it('finds what a map would find, full or empty, whatever came and went', () => {
    // Few keys and a small table: probe sequences run into each other and around the end.
    const key = fc.record({ hi: fc.nat(2), lo: fc.integer({ min: -3, max: 8 }) });
    const property = fc.property(fc.array(key, { maxLength: 200, size: 'max' }), (keys) => {
      const journal = createJournal();
      const [hi, lo] = [new Int32Array(SLOTS), new Int32Array(SLOTS)];
      const table = createSlotTable(hi, lo);
      const map = new Map<string, number>();
      const free = Array.from({ length: SLOTS }, (_, slot) => slot);
      for (const wanted of keys) {
        const name = `${wanted.hi},${wanted.lo}`;
        const found = map.get(name);
        expect(findSlot(table, wanted.hi, wanted.lo)).toBe(found ?? -1);
        if (found !== undefined) {
          removeSlot(journal, table, found);
          map.delete(name);
          free.push(found);
          continue;
        }
        const slot = free.pop();
        if (slot === undefined) continue;
        hi[slot] = wanted.hi;
        lo[slot] = wanted.lo;
        insertSlot(journal, table, slot);
        map.set(name, slot);
      }
      for (const [name, slot] of map) {
        const [high = 0, low = 0] = name.split(',').map(Number);
        expect(findSlot(table, high, low)).toBe(slot);
      }
      expect(table.entries.filter((entry) => entry !== 0)).toHaveLength(map.size);
    });
    fc.assert(property, RUNS);
  });
  it('complains when it is asked to forget what it does not know', () => {
    const table = createSlotTable(new Int32Array(2), new Int32Array(2));
    expect(() => removeSlot(createJournal(), table, 1)).toThrow('Slot 1 is not in its table.');
  });
});

describe('The key of an order number', () => {
  it('has all 63 bits of it', () => {
    const property = fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (number) => {
      const { hi, lo } = keyOfNumber(orderNumberSchema.parse(String(number)));
      expect(decimalOf(hi, lo)).toBe(String(number));
    });
    fc.assert(property, RUNS);
  });
});
