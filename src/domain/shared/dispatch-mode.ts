/**
 * The four ways to dispatch an order, and how traffic is split between them to compare them on live sales.
 */
import { z } from 'zod';

export const dispatchModes = ['v1', 'v2', 'v3', 'v4'] as const;
export const dispatchModeSchema = z.enum(dispatchModes);
export type DispatchMode = z.infer<typeof dispatchModeSchema>;

const MAX_WEIGHT = 10_000;

/** One mode with any weight is that mode for everybody. */
export const dispatchSplitSchema = z
  .array(z.strictObject({ mode: dispatchModeSchema, weight: z.int().min(1).max(MAX_WEIGHT) }))
  .min(1, 'a split needs a mode')
  .refine((split) => new Set(split.map(({ mode }) => mode)).size === split.length, 'a mode is named once');
export type DispatchSplit = z.infer<typeof dispatchSplitSchema>;

/**
 * `point` is at least 0 and less than 1. Take it from a hash of the buyer, and a buyer keeps the mode while
 * the split stays. Throws for an empty split, which the schema does not let in.
 */
export function chooseMode(split: DispatchSplit, point: number): DispatchMode {
  const total = split.reduce((sum, { weight }) => sum + weight, 0);
  let left = point * total;
  for (const { mode, weight } of split) {
    left -= weight;
    if (left < 0) return mode;
  }
  const last = split.at(-1);
  if (last === undefined) throw new RangeError('A split without modes chooses none.');
  return last.mode;
}
