/**
 * The memory of a sale: typed arrays, sized when the sale starts for all that can ever live at a time, so that
 * nothing in it grows with the number of orders. A *booking* is a hold or an order; a *claim* is one place of it.
 */

import type { Journal } from './cells.ts';
import type { SaleTerms, Togetherness } from './events.ts';
import { togethernessSchema } from './events.ts';
import { MAX_LANES, MAX_TICKETS_PER_ORDER, rememberedHolds, rememberedTickets } from './limits.ts';
import { type SaleRefusalCode, saleRefusalCodes } from './refusals.ts';
import { createSeatPlan } from './seat-plan.ts';
import { createSeating, type Seating } from './seating.ts';
import { createSlotTable, type SlotTable } from './slot-table.ts';
import { createSlots, type Slots } from './slots.ts';

/** The order is that of the numbers in snapshots: append only. */
const bookingStatuses = [
  /** A slot that is free. */
  'forgotten',
  'held_seats',
  'hold_released',
  'hold_expired',
  'hold_ordered',
  'awaiting_payment',
  'paid',
  'issued',
  'cancelled',
  'expired',
  'refunded',
  'payment_refused',
] as const;
export type BookingStatus = (typeof bookingStatuses)[number];

export type Bookings = {
  readonly slots: Slots;
  /** Order number, or hashed hold token. */
  readonly keyHi: Int32Array;
  readonly keyLo: Int32Array;
  readonly buyerHi: Int32Array;
  readonly buyerLo: Int32Array;
  readonly requestHi: Int32Array;
  readonly requestLo: Int32Array;
  readonly content: Int32Array;
  readonly paymentHi: Int32Array;
  readonly paymentLo: Int32Array;
  /** Packed: see `packFacts`. */
  readonly facts: Int32Array;
  /** First claim + 1, or 0. The claims of a booking are chained in the order of its tickets. */
  readonly firstClaim: Int32Array;
  /** Among remembered bookings: the one before + 1, or 0. The one after is in `slots.next`. */
  readonly rememberedBefore: Int32Array;
  /** End of the hold, or deadline of the payment. */
  readonly deadlineMs: Float64Array;
};

export type Claims = {
  readonly slots: Slots;
  /** -1 in general admission. */
  readonly seat: Int32Array;
  /** Category, and from bit 16 on the ticket's place in its order. */
  readonly ticket: Int32Array;
  readonly documentHi: Int32Array;
  readonly documentLo: Int32Array;
  readonly priceMinor: Float64Array;
};

/** Buyers with live tickets or holds, and how many. */
export type Buyers = {
  readonly slots: Slots;
  readonly hi: Int32Array;
  readonly lo: Int32Array;
  readonly tickets: Int32Array;
};

/** Ended bookings, oldest first: `[first + 1, last + 1, weight]`. */
export type Remembered = { readonly cells: Int32Array; readonly mostWeight: number };

export type OrderBook = {
  readonly terms: SaleTerms;
  readonly journal: Journal;
  readonly seating: Seating;
  /** Places of each category, blocked seats not counted. */
  readonly capacity: readonly number[];
  readonly held: Int32Array;
  readonly sold: Int32Array;
  /** When it opens and when it closes: those of the terms, until they are changed. */
  readonly window: Float64Array;
  /** [0] is 1 once the sale was closed. */
  readonly closed: Int32Array;
  /** The last queue revision decided for each lane, or -1. */
  readonly lanes: Float64Array;
  readonly bookings: Bookings;
  readonly claims: Claims;
  readonly buyers: Buyers;
  readonly endedOrders: Remembered;
  readonly endedHolds: Remembered;
  readonly bookingByKey: SlotTable;
  readonly bookingByRequest: SlotTable;
  readonly claimByDocument: SlotTable;
  readonly buyerByKey: SlotTable;
};

export const OPENS_AT = 0;
export const CLOSES_AT = 1;

export function createBook(terms: SaleTerms, journal: Journal): OrderBook {
  const plan = createSeatPlan(terms.layout);
  const capacity = terms.layout.map((category, index) => {
    if (category.kind === 'general') return category.capacity;
    return (plan.pools[2 * index]?.seatCount ?? 0) + (plan.pools[2 * index + 1]?.seatCount ?? 0);
  });
  const places = capacity.reduce((sum, count) => sum + count, 0);
  // One order may be ending while the memory of ended ones is still full.
  const ended = rememberedTickets(places) + MAX_TICKETS_PER_ORDER;
  const endedHolds = rememberedHolds(places) + 1;
  const bookings = createBookings(places + ended + endedHolds);
  const claims = createClaims(places + ended);
  const buyers = createBuyers(places);
  return {
    terms,
    journal,
    seating: createSeating(plan, journal),
    capacity,
    held: new Int32Array(capacity.length),
    sold: new Int32Array(capacity.length),
    window: Float64Array.of(terms.opensAtMs, terms.closesAtMs),
    closed: new Int32Array(1),
    lanes: new Float64Array(MAX_LANES).fill(-1),
    bookings,
    claims,
    buyers,
    endedOrders: { cells: new Int32Array(3), mostWeight: rememberedTickets(places) },
    endedHolds: { cells: new Int32Array(3), mostWeight: rememberedHolds(places) },
    bookingByKey: createSlotTable(bookings.keyHi, bookings.keyLo),
    bookingByRequest: createSlotTable(bookings.requestHi, bookings.requestLo),
    claimByDocument: createSlotTable(claims.documentHi, claims.documentLo),
    buyerByKey: createSlotTable(buyers.hi, buyers.lo),
  };
}

function createBookings(capacity: number): Bookings {
  const column = () => new Int32Array(capacity);
  return {
    slots: createSlots(capacity),
    keyHi: column(),
    keyLo: column(),
    buyerHi: column(),
    buyerLo: column(),
    requestHi: column(),
    requestLo: column(),
    content: column(),
    paymentHi: column(),
    paymentLo: column(),
    facts: column(),
    firstClaim: column(),
    rememberedBefore: column(),
    deadlineMs: new Float64Array(capacity),
  };
}

function createClaims(capacity: number): Claims {
  const column = () => new Int32Array(capacity);
  return {
    slots: createSlots(capacity),
    seat: column(),
    ticket: column(),
    documentHi: column(),
    documentLo: column(),
    priceMinor: new Float64Array(capacity),
  };
}

function createBuyers(capacity: number): Buyers {
  const column = () => new Int32Array(capacity);
  return { slots: createSlots(capacity), hi: column(), lo: column(), tickets: column() };
}

/** What a booking is, in one number. */
export type Facts = {
  readonly status: BookingStatus;
  readonly together: Togetherness;
  /** Why a late payment was refused. */
  readonly refusal: SaleRefusalCode | undefined;
  /** How many tickets it had when it was made. */
  readonly ticketCount: number;
};

const NO_REFUSAL = 0xfff;

export function packFacts({ status, together, refusal, ticketCount }: Facts): number {
  const refusalNumber = refusal === undefined ? NO_REFUSAL : saleRefusalCodes.indexOf(refusal);
  return (
    bookingStatuses.indexOf(status) |
    (togethernessSchema.options.indexOf(together) << 8) |
    (refusalNumber << 12) |
    (ticketCount << 24)
  );
}

export function unpackFacts(packed: number): Facts {
  const status = bookingStatuses[packed & 0xff];
  const together = togethernessSchema.options[(packed >>> 8) & 0xf];
  if (status === undefined || together === undefined) throw new Error(`${packed} packs no facts.`);
  const refusal = saleRefusalCodes[(packed >>> 12) & 0xfff];
  return { status, together, refusal, ticketCount: packed >>> 24 };
}
