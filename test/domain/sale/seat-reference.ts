/**
 * Seat choice once more, slow and obvious: it looks at every seat of the hall for every step of the ladder. Where
 * the ladder leaves no freedom it names the seats; where it does, it says what a right answer looks like.
 */
import type { Layout } from '../../../src/domain/sale/index.ts';
import { rowsOf } from '../../../src/domain/sale/rows.ts';

export type ReferenceSeat = {
  readonly seat: number;
  readonly category: number;
  readonly section: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly kind: 'ordinary' | 'accessible' | 'blocked';
};

export type Answer =
  | { readonly step: 'sold_out' | 'two_rows' | 'apart' }
  | { readonly step: 'row'; readonly seats: readonly number[] };

export function seatsOfHall(layout: Layout): ReferenceSeat[] {
  const seats: ReferenceSeat[] = [];
  for (const [category, terms] of layout.entries()) {
    if (terms.kind === 'general') continue;
    for (const [row, { sectionIndex, x, y, pattern }] of rowsOf(terms).entries()) {
      for (const [index, kind] of pattern.kinds.entries()) {
        const at = x + (pattern.offsets[index] ?? 0);
        seats.push({ seat: seats.length, category, section: sectionIndex, row, x: at, y, kind });
      }
    }
  }
  return seats;
}

/** `wanted` are all seats of the category and kind; `hall` all seats, for the rows' places. */
export function answerFor(
  hall: readonly ReferenceSeat[],
  wanted: readonly ReferenceSeat[],
  free: ReadonlySet<number>,
  focus: { readonly x: number; readonly y: number },
  size: number,
): Answer {
  const available = wanted.filter(({ seat }) => free.has(seat));
  if (available.length < size) return { step: 'sold_out' };
  const windows = windowsOf(available, size);
  for (const allowed of ladder(size)) {
    const best = windows
      .filter(allowed)
      .map((window) => ({ window, rank: rankOf(hall, window, focus) }))
      .sort((one, other) => compare(one.rank, other.rank))[0];
    if (best !== undefined) return { step: 'row', seats: best.window.seats.map(({ seat }) => seat) };
  }
  return { step: canStandInTwoRows(wanted, available, size) ? 'two_rows' : 'apart' };
}

type Window = { seats: ReferenceSeat[]; left: number; right: number };

function ladder(size: number): ((window: Window) => boolean)[] {
  const whole = ({ left, right }: Window) => left === 0 && right === 0;
  const strandsNobody = ({ left, right }: Window) => left !== 1 && right !== 1;
  const any = () => true;
  return size === 1 ? [whole, strandsNobody, any] : [strandsNobody, any];
}

/** Every way to sit side by side, with how many free seats remain at either side. */
function windowsOf(available: readonly ReferenceSeat[], size: number): Window[] {
  return runsOf(available).flatMap((run) =>
    run.slice(0, Math.max(0, run.length - size + 1)).map((_, left) => ({
      seats: run.slice(left, left + size),
      left,
      right: run.length - size - left,
    })),
  );
}

export function runsOf(seats: readonly ReferenceSeat[]): ReferenceSeat[][] {
  const runs: ReferenceSeat[][] = [];
  for (const seat of seats) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && last.row === seat.row && last.x + 1 === seat.x) runs.at(-1)?.push(seat);
    else runs.push([seat]);
  }
  return runs;
}

/** Nearest row, earlier row, nearest middle, lower seat. */
function rankOf(
  hall: readonly ReferenceSeat[],
  { seats }: Window,
  focus: { x: number; y: number },
): number[] {
  const [first] = seats;
  if (first === undefined) throw new Error('A window has seats.');
  const row = hall.filter((seat) => seat.category === first.category && seat.row === first.row);
  const xs = row.map((seat) => seat.x);
  const beside = Math.max(Math.min(...xs) - focus.x, focus.x - Math.max(...xs), 0);
  const middle = first.x + (seats.length - 1) / 2;
  return [beside ** 2 + (first.y - focus.y) ** 2, first.row, Math.abs(middle - focus.x), first.seat];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

function canStandInTwoRows(
  wanted: readonly ReferenceSeat[],
  available: readonly ReferenceSeat[],
  size: number,
): boolean {
  const longest = (block: ReferenceSeat[]) =>
    Math.max(0, ...runsOf(available.filter((seat) => block.includes(seat))).map((run) => run.length));
  const blocks = runsOf(wanted);
  return blocks.some((front) =>
    blocks.some((back) => {
      if (!areBehind(front, back)) return false;
      const [inFront, behind] = [longest(front), longest(back)];
      return inFront > 0 && behind > 0 && inFront + behind >= size;
    }),
  );
}

export function areBehind(front: readonly ReferenceSeat[], back: readonly ReferenceSeat[]): boolean {
  const [frontLeft, frontRight, backLeft, backRight] = [front[0], front.at(-1), back[0], back.at(-1)];
  if (!frontLeft || !frontRight || !backLeft || !backRight) return false;
  const neighbours = frontLeft.section === backLeft.section && frontLeft.row + 1 === backLeft.row;
  return neighbours && frontLeft.x <= backRight.x && backLeft.x <= frontRight.x;
}
