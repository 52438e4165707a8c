/** Bounds of what is kept about one look into the log. */

/** A sentence or two: it is kept for ever. */
export const MAX_REASON_CHARACTERS = 200;

/** A program id, a slash, and a seat with category, section and row. */
export const MAX_SUBJECT_CHARACTERS = 200;

export const MAX_MOMENT_CHARACTERS = 64;
