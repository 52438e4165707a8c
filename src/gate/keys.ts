/**
 * Names in Redis. All keys of a program share one hash tag, so that one script sees stock, reservations and
 * the buyer's limit together on Redis Cluster too; `docs/adr/0009-the-gate.md` weighs that against a tag
 * per category.
 */
import type { Key } from '../domain/sale/keys.ts';
import { type ProgramId, programIdSchema } from '../domain/shared/ids.ts';

export type GateKeys = {
  readonly stock: string;
  readonly pending: string;
  readonly deadlines: string;
  readonly buyers: string;
  readonly requests: string;
  readonly seats: string;
};

const HALF_KEY_DIGITS = 8;

/** A program's id holds no brace, so it cannot end the tag early. */
export function gateKeys(programId: ProgramId): GateKeys {
  const prefix = prefixOf(programId);
  return {
    stock: `${prefix}:stock`,
    pending: `${prefix}:pending`,
    deadlines: `${prefix}:deadlines`,
    buyers: `${prefix}:buyers`,
    requests: `${prefix}:requests`,
    seats: `${prefix}:seats`,
  };
}

/** Counters beside the live ones; any other text names a copy. */
export type GateVersion = 'next' | 'previous' | `copy-${string}`;

/**
 * What follows from the log has a key of its own in each version. Answered requests are one set for all of them: what
 * is in it is true, whoever says so. Reservations are about the live version; another one has none.
 */
export function gateKeysOf(programId: ProgramId, version: GateVersion): GateKeys {
  const prefix = `${prefixOf(programId)}:${version}`;
  return {
    stock: `${prefix}:stock`,
    pending: `${prefix}:pending`,
    deadlines: `${prefix}:deadlines`,
    buyers: `${prefix}:buyers`,
    requests: gateKeys(programId).requests,
    seats: `${prefix}:seats`,
  };
}

/** What the live stock of any program is called, as Redis matches keys. */
export const ANY_STOCK = 'seatlog:gate:{*}:stock';

export const ANY_PREVIOUS_STOCK = 'seatlog:gate:{*}:previous:stock';

/** Field of a stock that was replaced: by which swap. */
export const SWAP_FIELD = 'swap';

/** Undefined for a key of another kind. */
export function programOfStock(key: string): ProgramId | undefined {
  const [, id] = /^seatlog:gate:\{([^}]+)\}:(?:previous:)?stock$/.exec(key) ?? [];
  return id === undefined ? undefined : programIdSchema.safeParse(id).data;
}

const prefixOf = (programId: ProgramId): string => `seatlog:gate:{${programId}}`;

/**
 * Buyers and requests go by the 64-bit keys the sale itself knows them by, so that a refill needs nothing
 * but the sale's state. Two that share a key may at worst be refused once, as in the sale.
 */
export function nameOf({ hi, lo }: Key): string {
  return hexOf(hi) + hexOf(lo);
}

/** The buyer's own bucket is this modulo the number of buckets. */
export function homeOf({ lo }: Key): number {
  return lo >>> 0;
}

function hexOf(half: number): string {
  return (half >>> 0).toString(16).padStart(HALF_KEY_DIGITS, '0');
}
