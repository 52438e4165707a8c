/** The named bounds of a payment. Beyond them something is broken, and a person has to look. */

/** Distinct charges that a provider may report for one payment. */
export const MAX_CAPTURES_PER_PAYMENT = 20;
/** More than an order has tickets. */
export const MAX_REFUNDS_PER_PAYMENT = 100;
export const MAX_REFUND_ATTEMPTS = 100;
