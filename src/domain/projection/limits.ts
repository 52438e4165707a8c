/** Bounds of what is kept about a read model. */

/** Enough to know an error again; what PostgreSQL says can be as long as the row it refuses. */
export const MAX_ERROR_CHARACTERS = 1_000;

/** Each is a decision of a person. A read model that needs more of them needs another release. */
export const MAX_SKIPS = 1_000;
