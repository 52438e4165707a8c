/** The named bounds of an account. */

export const MAX_TICKET_USERS = 20;
/** Removed ones included: a stream that is read whole must not grow for ever. */
export const MAX_TICKET_USERS_EVER = 500;
