/** What a sale says about its hall to those who compare: questions, which decide nothing and change nothing. */
import { runsOf } from './seat-choice.ts';
import { blockAt } from './seat-plan.ts';
import type { SaleState } from './state.ts';

export type HallInSale = {
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
  /** Free seats without a free neighbour, where there once was one: only a party of one can use them. */
  readonly stranded: number;
};

/** Of all categories together. */
export function hallInSale({ book }: SaleState): HallInSale {
  if (book === undefined) return { capacity: 0, held: 0, sold: 0, stranded: 0 };
  const { seating } = book;
  let stranded = 0;
  for (let number = 0; number < seating.plan.blockCount; number += 1) {
    const block = blockAt(seating.plan, number);
    if (block === undefined || block.length === 1) continue;
    stranded += runsOf(seating, block).filter(({ length }) => length === 1).length;
  }
  return { capacity: sum(book.capacity), held: sum(book.held), sold: sum(book.sold), stranded };
}

const sum = (counts: ArrayLike<number>): number => Array.from(counts).reduce((all, count) => all + count, 0);
