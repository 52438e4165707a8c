/** Differences as they are found: all are counted, the first ones kept. */
import type { Difference, Differences } from '../../rebuild/rebuildable.ts';

export const MAX_KEPT = 100;
/** Of the events that made what is expected; the last ones. */
const MAX_POSITIONS = 20;

export type Collected = {
  readonly add: (found: readonly Difference[], count: number) => void;
  readonly result: () => Differences;
};

/** `add` takes the first ones of so many. */
export const collectDifferences = (): Collected => {
  const first: Difference[] = [];
  let count = 0;
  return {
    add: (found, more) => {
      first.push(...found.slice(0, MAX_KEPT - first.length));
      count += more;
    },
    result: () => ({ count, first }),
  };
};

/** Changes `positions`. */
export const addPosition = (positions: bigint[], position: bigint): void => {
  positions.push(position);
  if (positions.length > MAX_POSITIONS) positions.shift();
};
