/** The named bounds of a plan. */

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** How short and how long holds and unpaid orders may keep their seats. */
export const MIN_TTL_MS = SECOND_MS;
export const MAX_TTL_MS = 7 * DAY_MS;
