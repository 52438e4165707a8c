/**
 * Between the numbers that events speak of and the names that people read on a ticket: category, section, row and
 * seat. Built from the layout by those who show seats; the sale itself never needs a name.
 */
import type { CategoryId } from '../shared/ids.ts';
import type { Layout } from './layout.ts';
import { type Row, rowsOf, type SeatKind } from './rows.ts';

export type SeatName = {
  readonly category: CategoryId;
  readonly section: string;
  readonly row: string;
  readonly seat: string;
};

export type NamedSeat = SeatName & {
  readonly number: number;
  readonly kind: SeatKind;
  /** Where it is: seat widths to the right of the centre line, rows from the front. */
  readonly x: number;
  readonly y: number;
};

export type SeatNames = {
  readonly seatCount: number;
  /** Undefined when the layout has no such seat. */
  readonly nameOf: (seat: number) => NamedSeat | undefined;
  readonly numberOf: (name: SeatName) => number | undefined;
  /** The seats of a category, in the order of their numbers; none in general admission. */
  readonly seatsOf: (category: CategoryId) => Iterable<NamedSeat>;
};

type PlacedRow = { readonly category: CategoryId; readonly row: Row; readonly firstSeat: number };

export function createSeatNames(layout: Layout): SeatNames {
  const rows: PlacedRow[] = [];
  let seatCount = 0;
  for (const category of layout) {
    if (category.kind === 'general') continue;
    for (const row of rowsOf(category)) {
      rows.push({ category: category.id, row, firstSeat: seatCount });
      seatCount += row.pattern.labels.length;
    }
  }
  const rowByName = new Map(rows.map((placed) => [rowName(placed.category, placed.row), placed]));
  return {
    seatCount,
    nameOf: (seat) => {
      const placed = rowOfSeat(rows, seat);
      return placed === undefined ? undefined : named(placed, seat - placed.firstSeat);
    },
    numberOf: ({ category, section, row, seat }) => {
      const placed = rowByName.get(rowName(category, { section, label: row }));
      const index = placed?.row.pattern.labels.indexOf(seat) ?? -1;
      return placed === undefined || index === -1 ? undefined : placed.firstSeat + index;
    },
    seatsOf: (category) => seatsOf(rows, category),
  };
}

function* seatsOf(rows: readonly PlacedRow[], category: CategoryId): Generator<NamedSeat> {
  for (const placed of rows) {
    if (placed.category !== category) continue;
    for (const index of placed.row.pattern.labels.keys()) {
      const seat = named(placed, index);
      if (seat !== undefined) yield seat;
    }
  }
}

function rowName(category: CategoryId, { section, label }: Pick<Row, 'section' | 'label'>): string {
  return JSON.stringify([category, section, label]);
}

/** By halving: the rows go by their first seats. */
function rowOfSeat(rows: readonly PlacedRow[], seat: number): PlacedRow | undefined {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rows[middle]?.firstSeat ?? 0) <= seat) low = middle;
    else high = middle - 1;
  }
  return rows[low];
}

function named({ category, row, firstSeat }: PlacedRow, index: number): NamedSeat | undefined {
  const { labels, kinds, offsets } = row.pattern;
  const [seat, kind, offset] = [labels[index], kinds[index], offsets[index]];
  if (seat === undefined || kind === undefined || offset === undefined) return undefined;
  const place = { number: firstSeat + index, kind, x: row.x + offset, y: row.y };
  return { category, section: row.section, row: row.label, seat, ...place };
}
