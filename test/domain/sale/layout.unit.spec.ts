import { describe, expect, it } from 'vitest';
import { createSeatNames, hugeHallProblem, layoutSchema } from '../../../src/domain/sale/index.ts';
import { countLabels, expandLabels } from '../../../src/domain/sale/labels.ts';
import { categoryIdSchema } from '../../../src/domain/shared/ids.ts';

const stalls = categoryIdSchema.parse('stalls');

function seated(rows: readonly object[], change: object = {}) {
  return { kind: 'seated', id: 'stalls', priceMinor: 100, sections: [{ name: 'Stalls', rows }], ...change };
}
function complaints(...categories: readonly object[]): string[] {
  const parsed = layoutSchema.safeParse(categories);
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

describe('A list of labels', () => {
  it.each([
    ['1-4', ['1', '2', '3', '4']],
    ['4-1', ['4', '3', '2', '1']],
    ['1-7/2', ['1', '3', '5', '7']],
    ['8-2/2', ['8', '6', '4', '2']],
    ['08-11', ['08', '09', '10', '11']],
    ['A-C,AA', ['A', 'B', 'C', 'AA']],
    ['1-2,W1,5', ['1', '2', 'W1', '5']],
    ['一排', ['一排']],
    ['A-1', ['A-1']],
  ])('%s stands for its labels', (list, labels) => {
    expect(expandLabels(list)).toEqual({ ok: true, labels });
  });
  it.each([
    ['1,1', '"1" is there twice'],
    ['1-3,2', '"2" is there twice'],
    ['1,,2', '"" is empty or has blanks around it'],
    ['1, 2', '" 2" is empty or has blanks around it'],
    ['1-5/0', '"1-5/0" has a step of 0'],
    ['1-999999', '"1-999999" makes more than 5000 labels'],
    ['ABCDEFGHIJKLM', '"ABCDEFGHIJKLM" is longer than 12 characters'],
  ])('%s is refused', (list, problem) => {
    expect(expandLabels(list)).toEqual({ ok: false, problem });
  });
});

describe('A layout is refused', () => {
  const row = { rows: 'A', seats: '1-4' };
  it('with rows, sections or categories that are there twice', () => {
    expect(complaints(seated([row, row]))).toEqual(['section Stalls: row "A" is there twice']);
    expect(complaints(seated([row]), seated([row]))).toEqual(['category "stalls" is there twice']);
    const twice = seated([], {
      sections: [
        { name: 'L', rows: [row] },
        { name: 'L', rows: [row] },
      ],
    });
    expect(complaints(twice)).toEqual(['section "L" is there twice']);
  });
  it('without rows, seats or categories', () => {
    expect(complaints()).toEqual(['a sale needs a category']);
    expect(complaints(seated([]))).toEqual(['a section needs a row']);
    expect(complaints(seated([{ rows: 'A', seats: '' }]))).not.toEqual([]);
  });
  it('when it says something about seats that are not there, or contradicts itself', () => {
    expect(complaints(seated([{ ...row, aislesAfter: '9' }]))).toEqual([
      'aislesAfter names "9", which is no seat of the row',
    ]);
    expect(complaints(seated([{ ...row, blocked: '2', accessible: '2' }]))).toEqual([
      '"2" is both accessible and blocked',
    ]);
    expect(complaints(seated([{ ...row, colour: 'red' }]))).not.toEqual([]);
  });
  it('with more seats than a hall may have, however few characters they take', () => {
    expect(complaints(seated([{ rows: '1-5000', seats: '1-5000' }]))).toEqual([
      'the hall has 25000000 seats, 200000 are possible',
    ]);
  });
});

describe('The names of seats', () => {
  const layout = layoutSchema.parse([
    seated([{ rows: 'A-B', seats: '4-1', aislesAfter: '3', blocked: '1' }]),
    { kind: 'general', id: 'standing', priceMinor: 1, capacity: 5 },
    seated([{ rows: '1', seats: 'W1,W2', accessible: 'W1', x: 7 }], { id: 'box' }),
  ]);
  const names = createSeatNames(layout);

  it('lead to their numbers and back', () => {
    expect(names.seatCount).toBe(10);
    for (let number = 0; number < names.seatCount; number += 1) {
      const name = names.nameOf(number);
      if (name === undefined) throw new Error(`Seat ${number} has a name.`);
      expect(name.number).toBe(number);
      expect(names.numberOf(name)).toBe(number);
    }
  });
  it('say where the seat is and what it is', () => {
    const place = { category: 'stalls', section: 'Stalls', row: 'B', seat: '2' };
    expect(names.nameOf(6)).toEqual({ ...place, number: 6, kind: 'ordinary', x: 1, y: 1 });
    expect(names.nameOf(8)).toMatchObject({ category: 'box', seat: 'W1', kind: 'accessible', x: 7, y: 0 });
    expect([...names.seatsOf(stalls)].map(({ seat }) => seat)).toEqual([
      '4',
      '3',
      '2',
      '1',
      '4',
      '3',
      '2',
      '1',
    ]);
  });
  it('are unknown for seats that are not there', () => {
    expect(names.nameOf(10)).toBeUndefined();
    expect(names.nameOf(-1)).toBeUndefined();
    expect(names.numberOf({ category: stalls, section: 'Stalls', row: 'C', seat: '1' })).toBeUndefined();
    expect(names.numberOf({ category: stalls, section: 'Stalls', row: 'A', seat: '5' })).toBeUndefined();
    expect(createSeatNames([]).nameOf(0)).toBeUndefined();
  });
});

describe('A hall that is looked at before it is checked', () => {
  const hall = (group: object) => [{ kind: 'seated', sections: [{ rows: [group] }] }];

  it('is counted as it would be expanded, whatever its labels look like', () => {
    for (const list of ['1-40', '40-1', '1-39/2', '1-40/3', '01-12', '1-3,A,B,9-5', 'x', 'A-F,1']) {
      const expanded = expandLabels(list);
      if (!expanded.ok) throw new Error(expanded.problem);
      expect(countLabels(list)).toBe(expanded.labels.length);
    }
    expect(countLabels('1-10/0')).toBeGreaterThan(0);
  });

  it('is too large by its seats, or by what it says about them', () => {
    expect(hugeHallProblem(hall({ rows: '1-5000', seats: '1-40' }))).toBeUndefined();
    expect(hugeHallProblem(hall({ rows: '1-5000', seats: '1-41' }))).toContain('205000 seats');
    const many = Array.from({ length: 200 }, () => ({ rows: 'A', seats: '1', blocked: '1-5000' }));
    expect(hugeHallProblem([{ sections: [{ rows: many }] }])).toContain('names 1000400');
  });

  it('may be anything at all', () => {
    for (const anything of [
      undefined,
      null,
      'x',
      1,
      [null],
      [{ sections: 'x' }],
      hall({ rows: 5, seats: {} }),
    ]) {
      expect(hugeHallProblem(anything)).toBeUndefined();
    }
  });

  it('that is written with wide characters has its bytes counted, not its characters', () => {
    const seats = ['1', '2', '3'].map((n) => `甲乙丙丁戊己庚辛壬癸${n}`).join(',');
    const rows = Array.from({ length: 20 }, (_, row) => ({ rows: `${row}`, seats }));
    const sections = Array.from({ length: 500 }, (_, index) => ({ name: `${index}区`, rows }));
    const category = { kind: 'seated', id: 'a', priceMinor: 1, sections };
    expect(JSON.stringify([category]).length).toBeLessThan(900_000);
    expect(complaints(category)).toEqual(['the layout has more than 900000 bytes; join equal rows']);
  });
});
