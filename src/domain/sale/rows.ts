/**
 * The rows that a seated category's JSON stands for, one by one, with where each seat is. Equal rows share their
 * pattern, so that a large hall costs memory per row and not per seat.
 */
import { labelsOrNone } from './labels.ts';
import type { RowGroup, SeatedCategory } from './layout.ts';

export type SeatKind = 'ordinary' | 'accessible' | 'blocked';

export type RowPattern = {
  readonly labels: readonly string[];
  readonly kinds: readonly SeatKind[];
  /** Seat widths from the row's first seat; an aisle is one wide. */
  readonly offsets: readonly number[];
};

export type Row = {
  readonly section: string;
  readonly sectionIndex: number;
  readonly label: string;
  /** Where the row's first seat is. */
  readonly x: number;
  readonly y: number;
  /** Counted from the category's first seat. */
  readonly firstSeat: number;
  readonly pattern: RowPattern;
};

export function rowsOf(category: SeatedCategory): Row[] {
  const rows: Row[] = [];
  let firstSeat = 0;
  let nextY = 0;
  for (const [sectionIndex, section] of category.sections.entries()) {
    let y = section.y ?? nextY;
    for (const group of section.rows) {
      const pattern = patternOf(group);
      const width = pattern.offsets.at(-1) ?? 0;
      const x = group.x ?? (section.x ?? 0) - width / 2;
      for (const label of labelsOrNone(group.rows)) {
        rows.push({ section: section.name, sectionIndex, label, x, y, firstSeat, pattern });
        firstSeat += pattern.labels.length;
        y += 1;
      }
    }
    nextY = Math.max(nextY, y);
  }
  return rows;
}

function patternOf(group: RowGroup): RowPattern {
  const labels = labelsOrNone(group.seats);
  const aislesAfter = new Set(labelsOrNone(group.aislesAfter));
  const blocked = new Set(labelsOrNone(group.blocked));
  const accessible = new Set(labelsOrNone(group.accessible));
  const offsets: number[] = [];
  let offset = 0;
  for (const label of labels) {
    offsets.push(offset);
    offset += aislesAfter.has(label) ? 2 : 1;
  }
  const kindOf = (label: string): SeatKind => {
    if (blocked.has(label)) return 'blocked';
    return accessible.has(label) ? 'accessible' : 'ordinary';
  };
  return { labels, kinds: labels.map(kindOf), offsets };
}
