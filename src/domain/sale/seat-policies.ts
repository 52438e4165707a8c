/**
 * Other ways to choose seats than the engine's own, to ask what they would have come to. They see what it sees, and
 * split nobody who does not want it.
 */
import {
  anywhere,
  chooseSeats,
  runsOf,
  type SeatChoice,
  type SeatPolicy,
  togethernessOf,
} from './seat-choice.ts';
import { blockAt } from './seat-plan.ts';
import { firstBlockWith, longestRun, runBit, type Seating } from './seating.ts';

/** The first seats side by side from the focal point outwards, whatever single seat they leave. */
const firstFit: SeatPolicy = (seating, pool, size, allowSplit) => {
  const atLeastSize = -1 << size;
  return taken(seating, pool, size, allowSplit, atLeastSize, (length) => (length >= size ? 0 : undefined));
};

/** The middle of the longest free row there is: as far from everybody else as can be. */
const spread: SeatPolicy = (seating, pool, size, allowSplit) => {
  const longest = longestRun(seating.runTrees[pool]?.[1] ?? 0);
  return taken(seating, pool, size, allowSplit, longest < size ? 0 : runBit(longest), (length) =>
    length >= longest && length >= size ? (length - size) >> 1 : undefined,
  );
};

/** As the engine chooses, but side by side or not at all. */
const noSplit: SeatPolicy = (seating, pool, size) => chooseSeats(seating, pool, size, false);

export const seatPolicies = {
  best: chooseSeats,
  'first-fit': firstFit,
  spread,
  'no-split': noSplit,
} as const satisfies Readonly<Record<string, SeatPolicy>>;

export type SeatPolicyName = keyof typeof seatPolicies;

/** In the first block with a run that is `wanted`, in its first run that `offsetIn` takes; else anywhere. */
function taken(
  seating: Seating,
  pool: number,
  size: number,
  allowSplit: boolean,
  wanted: number,
  offsetIn: (length: number) => number | undefined,
): SeatChoice {
  if ((seating.free[pool] ?? 0) < size) return { kind: 'sold_out' };
  const block = blockAt(seating.plan, firstBlockWith(seating, pool, wanted, 0));
  for (const { firstSeat, length } of block === undefined ? [] : runsOf(seating, block)) {
    const offset = offsetIn(length);
    if (offset === undefined) continue;
    const seats = Array.from({ length: size }, (_, index) => firstSeat + offset + index);
    return { kind: 'chosen', seats, together: 'row' };
  }
  if (!allowSplit) return { kind: 'not_together' };
  const seats = anywhere(seating, pool, size);
  return { kind: 'chosen', seats, together: togethernessOf(seating, seats) };
}
