import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJournal } from '../../../src/domain/sale/cells.ts';
import { type Layout, layoutSchema } from '../../../src/domain/sale/index.ts';
import { chooseSeats, type SeatChoice } from '../../../src/domain/sale/seat-choice.ts';
import { createSeatPlan } from '../../../src/domain/sale/seat-plan.ts';
import {
  createSeating,
  isFree,
  occupySeat,
  refreshBlocksOf,
  type Seating,
  vacateSeat,
} from '../../../src/domain/sale/seating.ts';
import { printedRandom } from '../../support/random.ts';
import { aHall } from './arbitraries.ts';
import { answerFor, areBehind, type ReferenceSeat, runsOf, seatsOfHall } from './seat-reference.ts';

const RUNS = { numRuns: 150, seed: printedRandom().seed };
const ORDINARY = 0;
const ACCESSIBLE = 1;

function hallOf(...rows: readonly object[]): Seating {
  return seatingOf(
    layoutSchema.parse([{ kind: 'seated', id: 'hall', priceMinor: 1, sections: [{ name: 'S', rows }] }]),
  );
}
function seatingOf(layout: Layout): Seating {
  return createSeating(createSeatPlan(layout), createJournal());
}
function take(seating: Seating, ...seats: readonly number[]): void {
  for (const seat of seats) occupySeat(seating, seat, 1);
  refreshBlocksOf(seating, seats);
}
function best(seating: Seating, size: number, allowSplit = true) {
  const choice = chooseSeats(seating, ORDINARY, size, allowSplit);
  return choice.kind === 'chosen' ? [choice.together, ...choice.seats] : choice.kind;
}

describe('The best seats', () => {
  it('are in the middle of the front row', () => {
    expect(best(hallOf({ rows: 'A-C', seats: '1-10' }), 2)).toEqual(['row', 4, 5]);
  });
  it('are around the focal point of the category', () => {
    const rows = [{ rows: 'A-E', seats: '1-9' }];
    const focus = { x: -2, y: 3 };
    const [category] = layoutSchema.parse([
      { kind: 'seated', id: 'hall', priceMinor: 1, focus, sections: [{ name: 'S', rows }] },
    ]);
    if (category === undefined) throw new Error('There is one.');
    expect(best(seatingOf([category]), 1)).toEqual(['row', 27 + 2]);
  });
  it('leave no single seat where that can be helped', () => {
    const hall = hallOf({ rows: 'A', seats: '1-5' }, { rows: 'B', seats: '1-4' });
    expect(best(hall, 4)).toEqual(['row', 5, 6, 7, 8]);
    expect(best(hall, 3)).toEqual(['row', 0, 1, 2]);
    take(hall, 5);
    expect(best(hall, 4)).toEqual(['row', 0, 1, 2, 3]);
  });
  it('for one are single seats first, wherever they are', () => {
    const hall = hallOf({ rows: 'A-B', seats: '1-6' });
    take(hall, 6, 8);
    expect(best(hall, 1)).toEqual(['row', 7]);
  });
  it('never lie across an aisle or a blocked seat', () => {
    const aisle = hallOf({ rows: 'A', seats: '1-4', aislesAfter: '2' });
    expect(best(aisle, 3, false)).toBe('not_together');
    const pillar = hallOf({ rows: 'A', seats: '1-5', blocked: '3' });
    expect(best(pillar, 3, false)).toBe('not_together');
    expect(best(pillar, 4)).toEqual(['apart', 0, 1, 3, 4]);
    expect(best(pillar, 5)).toBe('sold_out');
  });
  it('in two rows are one behind the other, in halves', () => {
    const hall = hallOf({ rows: 'A-B', seats: '1-4' });
    expect(best(hall, 5, false)).toBe('not_together');
    expect(best(hall, 6)).toEqual(['two_rows', 0, 1, 2, 4, 5, 6]);
  });
  it('are anywhere rather than nowhere', () => {
    const hall = hallOf({ rows: 'A-C', seats: '1-3' });
    take(hall, 1, 3, 4, 5, 7);
    expect(best(hall, 2, false)).toBe('not_together');
    expect(best(hall, 4)).toEqual(['apart', 0, 2, 6, 8]);
    expect(best(hall, 5)).toBe('sold_out');
  });
  it('may be accessible only for those who ask', () => {
    const hall = hallOf({ rows: 'A', seats: '1-4', accessible: '1,2' });
    expect(best(hall, 3)).toBe('sold_out');
    expect(best(hall, 2)).toEqual(['row', 2, 3]);
    expect(chooseSeats(hall, ACCESSIBLE, 2, true)).toEqual({
      kind: 'chosen',
      seats: [0, 1],
      together: 'row',
    });
  });
  it('can be found in rows longer than the masks tell apart', () => {
    const hall = hallOf({ rows: 'A', seats: '1-100' });
    take(hall, 30);
    expect(best(hall, 28)).toEqual(['row', ...Array.from({ length: 28 }, (_, index) => 36 + index)]);
  });
});

type Hall = { layout: Layout; seating: Seating; seats: ReferenceSeat[]; free: Set<number> };

function occupied(layout: Layout, taken: readonly number[]): Hall {
  const seats = seatsOfHall(layout);
  const seating = seatingOf(layout);
  const free = new Set(seats.filter(({ kind }) => kind !== 'blocked').map(({ seat }) => seat));
  for (const number of taken) {
    const seat = number % Math.max(1, seats.length);
    if (!free.delete(seat)) continue;
    take(seating, seat);
  }
  return { layout, seating, seats, free };
}

function poolOf(hall: Hall, category: number, kind: number): ReferenceSeat[] {
  const name = kind === ORDINARY ? 'ordinary' : 'accessible';
  return hall.seats.filter((seat) => seat.category === category && seat.kind === name);
}

function checkAgainstReference(hall: Hall, category: number, kind: number, size: number): void {
  const terms = hall.layout[category];
  const focus = (terms?.kind === 'seated' ? terms.focus : undefined) ?? { x: 0, y: 0 };
  const pool = poolOf(hall, category, kind);
  const answer = answerFor(hall.seats, pool, hall.free, focus, size);
  const choice = chooseSeats(hall.seating, 2 * category + kind, size, true);
  const together = chooseSeats(hall.seating, 2 * category + kind, size, false);
  if (choice.kind !== 'chosen') {
    expect(choice.kind).toBe(answer.step);
    expect(together).toEqual(choice);
    return;
  }
  expect(choice.together).toBe(answer.step);
  if (answer.step === 'row') expect(choice.seats).toEqual(answer.seats);
  expect(together).toEqual(answer.step === 'row' ? choice : { kind: 'not_together' });
  expect(new Set(choice.seats).size).toBe(size);
  expect(choice.seats.every((seat) => hall.free.has(seat) && pool.some((one) => one.seat === seat))).toBe(
    true,
  );
  if (choice.together === 'two_rows') checkTwoRows(pool, choice.seats);
}

function checkTwoRows(pool: readonly ReferenceSeat[], chosen: readonly number[]): void {
  const pieces = runsOf(pool.filter(({ seat }) => chosen.includes(seat)));
  expect(pieces).toHaveLength(2);
  const [front, back] = pieces.map((piece) =>
    runsOf(pool).find((block) => piece.every((seat) => block.includes(seat))),
  );
  expect(areBehind(front ?? [], back ?? [])).toBe(true);
}

describe('Seat choice', () => {
  const aChoice = fc.record({
    category: fc.constantFrom(0, 2),
    kind: fc.nat(1),
    size: fc.integer({ min: 1, max: 7 }),
  });

  it('is what looking at every seat would choose', () => {
    const property = fc.property(
      aHall(9, 4),
      fc.array(fc.nat(200), { maxLength: 120, size: 'max' }),
      fc.array(aChoice, { minLength: 8, maxLength: 8 }),
      (layout, taken, choices) => {
        const hall = occupied(layout, taken);
        for (const { category, kind, size } of choices) checkAgainstReference(hall, category, kind, size);
      },
    );
    fc.assert(property, RUNS);
  });

  it('stays right while seats come and go', () => {
    const moves = fc.array(fc.record({ seat: fc.nat(200), choice: aChoice }), { maxLength: 40, size: 'max' });
    const property = fc.property(aHall(7, 3), moves, (layout, moved) => {
      const hall = occupied(layout, []);
      for (const { seat: number, choice } of moved) {
        const seat = number % Math.max(1, hall.seats.length);
        if (hall.free.has(seat)) {
          hall.free.delete(seat);
          take(hall.seating, seat);
        } else if (hall.seats[seat]?.kind !== 'blocked') {
          hall.free.add(seat);
          vacateSeat(hall.seating, seat);
          refreshBlocksOf(hall.seating, [seat]);
        }
        checkAgainstReference(hall, choice.category, choice.kind, choice.size);
      }
    });
    fc.assert(property, RUNS);
  });

  it('sells every ordinary seat when parties of one come last', () => {
    const parties = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 60, maxLength: 120, size: 'max' });
    const property = fc.property(aHall(12, 4), parties, (layout, sizes) => {
      const { seating, seats } = occupied(layout, []);
      const seatsLeft = (kind: string) =>
        seats.filter((one) => one.kind === kind && isFree(seating, one.seat)).length;
      const accessible = seatsLeft('accessible');
      for (const pool of [0, 4]) {
        const sell = (size: number): SeatChoice => {
          const choice = chooseSeats(seating, pool, size, true);
          if (choice.kind === 'chosen') take(seating, ...choice.seats);
          return choice;
        };
        for (const size of sizes) sell(size);
        while (sell(1).kind === 'chosen');
      }
      expect(seatsLeft('ordinary')).toBe(0);
      expect(seatsLeft('accessible')).toBe(accessible);
    });
    fc.assert(property, RUNS);
  });
});
