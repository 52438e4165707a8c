/**
 * How long to wait before trying again: longer each time up to a bound, and never in step with the others
 * that were hit by the same failure.
 */

export type Backoff = {
  readonly firstMs: number;
  readonly maxMs: number;
};

/** Keeps 2 ** attempt exact and finite, however long a server stays away. */
const MAX_DOUBLINGS = 30;

/**
 * The delay in ms before attempt `failures + 1`: half of the doubled step for sure, the other half by chance.
 * `random` is at least 0 and less than 1; `failures` counts from 1.
 */
export function backoffDelayMs(backoff: Backoff, failures: number, random: number): number {
  const doublings = Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS);
  const stepMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** doublings);
  return stepMs / 2 + (stepMs / 2) * random;
}
