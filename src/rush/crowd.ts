/**
 * Who comes, in which order and with whom: everything about a buyer follows from the seed and the buyer's
 * number, so that a crowd of a million is not kept in memory, and the same seed is the same crowd.
 */

/** From 1 on; both ends included. */
export type Party = { readonly from: number; readonly to: number };

export type CrowdOptions = {
  readonly seed: number;
  readonly buyers: number;
  readonly party: Party;
  /** Shares of those who get an order, 0 to 1. */
  readonly pay: number;
  readonly cancel: number;
};

export type Person = { readonly name: string; readonly idType: number; readonly idNumber: string };

export type Crowd = {
  readonly buyers: number;
  /** The numbers of all buyers as they arrive. */
  readonly arrivals: Uint32Array;
  readonly userId: (buyer: number) => string;
  readonly partyOf: (buyer: number) => number;
  readonly peopleOf: (buyer: number) => readonly Person[];
  /** At least 0, less than 1: where between the ticket categories this buyer wants to sit. */
  readonly wish: (buyer: number) => number;
  /** What this buyer does with an order. */
  readonly intent: (buyer: number) => 'pay' | 'cancel' | 'leave';
};

/** One for each thing that is drawn, so that no two of them hang together. */
const SALT = { arrival: 1, party: 2, wish: 3, intent: 4 } as const;
const PASSPORT = 5;
const BASE = 36;
const NUMBER_DIGITS = 5;

export function createCrowd({ seed, buyers, party, pay, cancel }: CrowdOptions): Crowd {
  const draw = (salt: number, buyer: number): number => fraction(seed, salt, buyer);
  const partyOf = (buyer: number): number =>
    party.from + Math.floor(draw(SALT.party, buyer) * (party.to - party.from + 1));
  return {
    buyers,
    arrivals: shuffled(buyers, (index) => draw(SALT.arrival, index)),
    userId: (buyer) => `rush-${seed}-${buyer}`,
    partyOf,
    peopleOf: (buyer) =>
      Array.from({ length: partyOf(buyer) }, (_, index) => ({
        name: `Rush ${buyer}-${index + 1}`,
        idType: PASSPORT,
        idNumber: passport(seed, buyer, index),
      })),
    wish: (buyer) => draw(SALT.wish, buyer),
    intent: (buyer) => {
      const point = draw(SALT.intent, buyer);
      if (point < cancel) return 'cancel';
      // Of those who do not cancel.
      return (point - cancel) / (1 - cancel) < pay ? 'pay' : 'leave';
    },
  };
}

/** Twelve letters and digits; no two people of one seed have the same. */
function passport(seed: number, buyer: number, index: number): string {
  const digits = (value: number, length: number): string =>
    (value % BASE ** length).toString(BASE).padStart(length, '0').toUpperCase();
  return `7${digits(index, 1)}${digits(buyer, NUMBER_DIGITS)}${digits(seed, NUMBER_DIGITS)}`;
}

/** Fisher and Yates. */
function shuffled(count: number, draw: (index: number) => number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index -= 1) {
    const other = Math.floor(draw(index) * (index + 1));
    const kept = numbers[index] ?? 0;
    numbers[index] = numbers[other] ?? 0;
    numbers[other] = kept;
  }
  return numbers;
}

/** Murmur3's finalizer over the three numbers: at least 0, less than 1. */
function fraction(seed: number, salt: number, value: number): number {
  let mixed = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(salt, 0xc2b2_ae35) ^ value;
  for (const multiplier of [0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f]) {
    mixed = Math.imul(mixed ^ (mixed >>> 16), multiplier);
  }
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}
