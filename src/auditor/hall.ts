/** The hall as the auditor counts it: how many places a category has, and which seat is in which. */
import type { HallCategory } from './stored-format.ts';

/** Nobody may have it. */
export const BLOCKED = -1;

export type Hall = {
  readonly categories: readonly {
    readonly id: string;
    readonly priceMinor: number;
    readonly capacity: number;
  }[];
  /** Of the categories, in their order. */
  readonly categoryIds: readonly string[];
  /** By seat number; `BLOCKED` for a seat that is never sold. */
  readonly categoryOfSeat: Int16Array;
};

/** Seats are numbered from 0 through the layout as it is written: category, section, row, seat. */
export function readHall(layout: readonly HallCategory[]): Hall {
  const seats: number[] = [];
  const categories = layout.map((category, index) => {
    const { id, priceMinor } = category;
    if (category.kind === 'general') return { id, priceMinor, capacity: category.capacity };
    let capacity = 0;
    for (const group of category.sections.flatMap((section) => section.rows)) {
      const row = rowOf(group, index);
      for (const _ of labelsIn(group.rows)) {
        for (const owner of row) {
          seats.push(owner);
          if (owner !== BLOCKED) capacity += 1;
        }
      }
    }
    return { id, priceMinor, capacity };
  });
  return {
    categories,
    categoryIds: categories.map(({ id }) => id),
    categoryOfSeat: Int16Array.from(seats),
  };
}

function rowOf(
  { seats, blocked }: { seats: string; blocked?: string | undefined },
  category: number,
): number[] {
  const taken = new Set(blocked === undefined ? [] : labelsIn(blocked));
  return labelsIn(seats).map((label) => (taken.has(label) ? BLOCKED : category));
}

const NUMBERS = /^(\d{1,6})-(\d{1,6})(?:\/(\d{1,3}))?$/;
const LETTERS = /^([A-Z])-([A-Z])$/;

/** `1-40`, `39-1/2` (every other one), `01-12`, `A-F`, or single labels; any of them, with commas. */
function labelsIn(list: string): string[] {
  return list.split(',').flatMap((item) => {
    const numbers = NUMBERS.exec(item);
    if (numbers !== null) {
      const [, from = '', to = '', step = '1'] = numbers;
      const digits = from.startsWith('0') ? from.length : 1;
      return steps(Number(from), Number(to), Number(step)).map((at) => String(at).padStart(digits, '0'));
    }
    const letters = LETTERS.exec(item);
    if (letters === null) return [item];
    const [, from = '', to = ''] = letters;
    return steps(from.charCodeAt(0), to.charCodeAt(0), 1).map((code) => String.fromCharCode(code));
  });
}

function steps(from: number, to: number, step: number): number[] {
  const length = Math.floor(Math.abs(to - from) / Math.max(1, step)) + 1;
  return Array.from({ length }, (_, nth) => from + Math.sign(to - from) * nth * step);
}
