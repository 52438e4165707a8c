/** The lanes of the order queue: a program's orders are all in one, so that they are decided in the order they came. */
import type { ProgramId } from '../shared/ids.ts';

export const ORDER_QUEUE_CATEGORY = 'OrderQueue';

/**
 * Fixed: a program's lane must not change while orders of it wait. Enough for as many sequencers as one is ever
 * likely to run, and fewer than a sale can tell apart.
 */
export const LANES = 16;

const LANE_DIGITS = 3;

/** Of equal length, so that no lane's name is the beginning of another's. */
export const laneStream = (lane: number) =>
  `${ORDER_QUEUE_CATEGORY}-${lane.toString().padStart(LANE_DIGITS, '0')}` as const;

/** The lane whose orders a stream has; undefined for streams of other categories. */
export function laneOfStream(stream: string): number | undefined {
  const digits = new RegExp(`^${ORDER_QUEUE_CATEGORY}-(\\d{${LANE_DIGITS}})$`).exec(stream)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The lane of a program: 32-bit FNV-1a of its id, so that programs spread and every process agrees. */
export function laneOf(programId: ProgramId): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < programId.length; index++) {
    hash = Math.imul(hash ^ programId.charCodeAt(index), FNV_PRIME);
  }
  return (hash >>> 0) % LANES;
}
