/**
 * The best seats for a party, by a ladder: side by side without stranding a single seat; side by side; in two
 * neighbouring rows; anywhere. Each step takes the first block from the focal point that will do. The ladder ends
 * in "anywhere", and parties of one look for single seats first, so that no seat ever becomes unsellable.
 */
import type { Togetherness } from './events.ts';
import { type Block, blockAt, pairsOfBlock } from './seat-plan.ts';
import {
  firstBlockWith,
  firstPairFor,
  isFree,
  longestRun,
  runBit,
  runMaskOf,
  type Seating,
} from './seating.ts';

export type SeatChoice =
  | { readonly kind: 'chosen'; readonly seats: readonly number[]; readonly together: Togetherness }
  | { readonly kind: 'sold_out' | 'not_together' };

/** Which free seats of a pool a party gets; at least as many must be free as it has heads, or it is `sold_out`. */
export type SeatPolicy = (seating: Seating, pool: number, size: number, allowSplit: boolean) => SeatChoice;

/** Free seats next to each other with none free at either end. */
type Run = { readonly firstSeat: number; readonly length: number; readonly x: number };
type Placement = { readonly firstSeat: number; readonly distance: number };

type Step = {
  /** The run lengths that will do. */
  readonly wanted: number;
  readonly mayStrand: boolean;
};

/** `size` is at most `MAX_TICKETS_PER_ORDER`. Seats come in ascending order within each row. */
export const chooseSeats: SeatPolicy = (seating, pool, size, allowSplit) => {
  if ((seating.free[pool] ?? 0) < size) return { kind: 'sold_out' };
  for (const step of stepsFor(size)) {
    const seats = sideBySide(seating, pool, size, step);
    if (seats !== undefined) return { kind: 'chosen', seats, together: 'row' };
  }
  if (!allowSplit) return { kind: 'not_together' };
  const inTwoRows = twoRows(seating, pool, size);
  if (inTwoRows !== undefined) return { kind: 'chosen', seats: inTwoRows, together: 'two_rows' };
  return { kind: 'chosen', seats: anywhere(seating, pool, size), together: 'apart' };
};

function stepsFor(size: number): readonly Step[] {
  const exact = runBit(size);
  // From two more than the party on, a run can be cut so that no single seat remains.
  const roomy = -1 << (size + 2);
  const strands = runBit(size + 1);
  if (size === 1) {
    return [
      { wanted: exact, mayStrand: false },
      { wanted: roomy, mayStrand: false },
      { wanted: strands, mayStrand: true },
    ];
  }
  return [
    { wanted: exact | roomy, mayStrand: false },
    { wanted: strands, mayStrand: true },
  ];
}

function sideBySide(seating: Seating, pool: number, size: number, step: Step): number[] | undefined {
  const first = firstBlockWith(seating, pool, step.wanted, 0);
  const focusX = seating.plan.pools[pool]?.focusX ?? 0;
  const row = blockAt(seating.plan, first)?.row;
  let best: Placement | undefined;
  for (let number = first; ; number += 1) {
    const block = blockAt(seating.plan, number);
    if (block === undefined || block.row !== row || block.pool !== pool) break;
    best = closer(best, placeIn(seating, block, size, step, focusX));
  }
  return best === undefined ? undefined : seatsFrom(best.firstSeat, size);
}

/** The placement in the block whose middle is closest to `towardsX`; the leftmost of equals. */
function placeIn(
  seating: Seating,
  block: Block,
  size: number,
  step: Step,
  towardsX: number,
): Placement | undefined {
  let best: Placement | undefined;
  for (const run of runsOf(seating, block)) {
    if ((runBit(run.length) & step.wanted) === 0) continue;
    for (let left = 0; left + size <= run.length; left += 1) {
      const right = run.length - size - left;
      if (!step.mayStrand && (left === 1 || right === 1)) continue;
      const distance = Math.abs(run.x + left + (size - 1) / 2 - towardsX);
      if (best === undefined || distance < best.distance)
        best = { firstSeat: run.firstSeat + left, distance };
    }
  }
  return best;
}

function closer(one: Placement | undefined, other: Placement | undefined): Placement | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.distance < one.distance ? other : one;
}

export function runsOf(seating: Seating, block: Block): Run[] {
  const runs: Run[] = [];
  let length = 0;
  for (let index = 0; index <= block.length; index += 1) {
    if (index < block.length && isFree(seating, block.firstSeat + index)) {
      length += 1;
    } else if (length > 0) {
      runs.push({ firstSeat: block.firstSeat + index - length, length, x: block.x + index - length });
      length = 0;
    }
  }
  return runs;
}

/** Halves as equal as the two rows allow, the second as close behind the first as it can be. */
function twoRows(seating: Seating, pool: number, size: number): number[] | undefined {
  const { plan } = seating;
  const { pairs, focusX = 0 } = plan.pools[pool] ?? {};
  const pair = size < 2 ? -1 : firstPairFor(seating, pool, size);
  const frontNumber = pairs?.front[pair] ?? -1;
  const backNumber = pairs?.back[pair] ?? -1;
  const front = blockAt(plan, frontNumber);
  const back = blockAt(plan, backNumber);
  if (front === undefined || back === undefined) return undefined;
  const mostInFront = Math.min(longestRun(runMaskOf(seating, frontNumber)), size - 1);
  const mostBehind = Math.min(longestRun(runMaskOf(seating, backNumber)), size - 1);
  const inFront = Math.min(Math.max(Math.ceil(size / 2), size - mostBehind), mostInFront);
  const placed = placeKindly(seating, front, inFront, focusX);
  if (placed === undefined) return undefined;
  const middle = front.x + (placed.firstSeat - front.firstSeat) + (inFront - 1) / 2;
  const behind = placeKindly(seating, back, size - inFront, middle);
  if (behind === undefined) return undefined;
  return [...seatsFrom(placed.firstSeat, inFront), ...seatsFrom(behind.firstSeat, size - inFront)];
}

function placeKindly(seating: Seating, block: Block, size: number, towardsX: number): Placement | undefined {
  for (const step of stepsFor(size)) {
    const placed = placeIn(seating, block, size, step, towardsX);
    if (placed !== undefined) return placed;
  }
  return undefined;
}

/** The best free seats one after another, for a party that takes what there is. */
export function anywhere(seating: Seating, pool: number, size: number): number[] {
  const seats: number[] = [];
  const anyRun = ~0;
  let number = firstBlockWith(seating, pool, anyRun, 0);
  while (seats.length < size) {
    const block = blockAt(seating.plan, number);
    if (number === -1 || block === undefined)
      throw new Error(`Pool ${pool} has fewer free seats than counted.`);
    for (let index = 0; index < block.length && seats.length < size; index += 1) {
      if (isFree(seating, block.firstSeat + index)) seats.push(block.firstSeat + index);
    }
    number = firstBlockWith(seating, pool, anyRun, number + 1);
  }
  return seats;
}

/** How close seats that a buyer named are, by the same words. */
export function togethernessOf(seating: Seating, seats: readonly number[]): Togetherness {
  const { plan } = seating;
  const ascending = [...seats].sort((one, other) => one - other);
  const pieces: { block: number; last: number }[] = [];
  for (const seat of ascending) {
    const block = plan.blockOfSeat[seat] ?? -1;
    const open = pieces.at(-1);
    if (open !== undefined && open.block === block && open.last === seat - 1) open.last = seat;
    else pieces.push({ block, last: seat });
  }
  if (pieces.length === 1) return 'row';
  const [front, back] = pieces.map((piece) => piece.block);
  if (pieces.length > 2 || front === undefined || back === undefined) return 'apart';
  const { front: fronts, back: backs } = plan.pools[plan.blocks.pool[front] ?? -1]?.pairs ?? {};
  const joined = pairsOfBlock(plan, front).some((pair) => fronts?.[pair] === front && backs?.[pair] === back);
  return joined ? 'two_rows' : 'apart';
}

function seatsFrom(firstSeat: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => firstSeat + index);
}
