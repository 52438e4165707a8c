/** The named bounds of a sale's state: what is remembered, how much, and why it never grows past its hall. */

/** Free runs of seats are told apart by length up to 30, and the ladder asks for runs two longer than a party. */
export const MAX_TICKETS_PER_ORDER = 28;

/** A program maps to one lane; more than one appears when the number of lanes is changed. */
export const MAX_LANES = 256;

/** Ended orders are kept for late payments and repeated requests while their tickets are fewer than this. */
export function rememberedTickets(capacity: number): number {
  return Math.max(256, Math.ceil(capacity / 4));
}

/** Ended holds are kept so that a repeated request meets its hold again. */
export function rememberedHolds(capacity: number): number {
  return Math.max(64, Math.ceil(capacity / 16));
}
