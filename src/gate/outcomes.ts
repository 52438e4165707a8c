/** What the scripts answer, as types: replies are read here and trusted behind. */
import { z } from 'zod';

const count = z.int().min(0);
const revision = count.transform(BigInt);
const deadline = z.string().transform(Number).pipe(count);

/** Why the gate lets an order through without having counted it. */
export type OpenReason = 'empty' | 'behind' | 'unknown_category' | 'repeated' | 'unavailable';

export type ReserveOutcome =
  /** `again` when the request had this reservation already. */
  | { readonly kind: 'reserved'; readonly deadlineMs: number; readonly again: boolean }
  | { readonly kind: 'open'; readonly reason: OpenReason }
  | { readonly kind: 'sold_out'; readonly category: number; readonly left: number }
  | { readonly kind: 'limit_per_buyer'; readonly limit: number; readonly has: number }
  | { readonly kind: 'duplicate_submission' };

const reserveReply = z.union([
  z.tuple([z.literal('reserved'), deadline, z.int()]),
  z.tuple([z.literal('open'), z.enum(['empty', 'behind', 'unknown_category', 'repeated'])]),
  z.tuple([z.literal('sold_out'), count, count]),
  z.tuple([z.literal('limit_per_buyer'), count, count]),
  z.tuple([z.literal('duplicate_submission')]),
]);

export function parseReserve(reply: unknown): ReserveOutcome {
  const parsed = reserveReply.parse(reply);
  switch (parsed[0]) {
    case 'reserved':
      return { kind: 'reserved', deadlineMs: parsed[1], again: parsed[2] === 1 };
    case 'open':
      return { kind: 'open', reason: parsed[1] };
    case 'sold_out':
      return { kind: 'sold_out', category: parsed[1], left: parsed[2] };
    case 'limit_per_buyer':
      return { kind: 'limit_per_buyer', limit: parsed[1], has: parsed[2] };
    case 'duplicate_submission':
      return { kind: 'duplicate_submission' };
  }
}

const releaseReply = z.enum(['released', 'unknown']);
export type ReleaseOutcome = z.infer<typeof releaseReply>;
export const parseRelease = (reply: unknown): ReleaseOutcome => releaseReply.parse(reply);

const confirmReply = z.enum(['confirmed', 'unknown']);
export type ConfirmOutcome = z.infer<typeof confirmReply>;
export const parseConfirm = (reply: unknown): ConfirmOutcome => confirmReply.parse(reply);

export type SettleOutcome =
  | { readonly kind: 'settled'; readonly revision: bigint; readonly applied: number }
  /** Events after `revision` are missing: read on from there, or refill. */
  | { readonly kind: 'behind'; readonly revision: bigint; readonly applied: number }
  /** Redis has no counters of this program: refill. */
  | { readonly kind: 'empty' };

const settleReply = z.union([
  z.tuple([z.enum(['settled', 'behind']), revision, count]),
  z.tuple([z.literal('empty')]),
]);

export function parseSettle(reply: unknown): SettleOutcome {
  const [kind, revision, applied] = settleReply.parse(reply);
  return kind === 'empty' ? { kind } : { kind, revision, applied };
}

export type SweepOutcome = { readonly ended: number; readonly forgotten: number };
const sweepReply = z.tuple([count, count]);

export function parseSweep(reply: unknown): SweepOutcome {
  const [ended, forgotten] = sweepReply.parse(reply);
  return { ended, forgotten };
}

export type RefillOutcome =
  | { readonly kind: 'refilled'; readonly revision: bigint }
  | { readonly kind: 'filling'; readonly revision: bigint }
  /** The counters are of a later revision: nothing was changed. */
  | { readonly kind: 'newer'; readonly revision: bigint }
  /** Another refill began meanwhile, or Redis lost the keys: begin again. */
  | { readonly kind: 'superseded' };

const refillReply = z.union([
  z.tuple([z.enum(['refilled', 'filling', 'newer']), revision]),
  z.tuple([z.literal('superseded')]),
]);

export function parseRefill(reply: unknown): RefillOutcome {
  const [kind, revision] = refillReply.parse(reply);
  return kind === 'superseded' ? { kind } : { kind, revision };
}

export type CategoryCounters = {
  readonly category: number;
  /** Free places as the projector has seen them. */
  readonly projected: number;
  /** Of these, reserved by orders on their way. */
  readonly pending: number;
};
export type Counters = {
  readonly revision: bigint;
  /** How many buyers have places. */
  readonly buyers: number;
  /** How long the seat map is. */
  readonly seatBytes: number;
  readonly categories: readonly CategoryCounters[];
};

const countersReply = z.array(z.int());

/**
 * Buckets are added up; categories come in the order of the layout. Undefined where there are no counters.
 */
export function parseCounters(reply: unknown): Counters | undefined {
  const [seen, buyers = 0, seatBytes = 0, ...triples] = countersReply.parse(reply);
  if (seen === undefined) return undefined;
  const categories = new Map<number, CategoryCounters>();
  for (let index = 0; index < triples.length; index += 3) {
    const [category = 0, projected = 0, pending = 0] = triples.slice(index, index + 3);
    const before = categories.get(category) ?? { category, projected: 0, pending: 0 };
    const sum = { projected: before.projected + projected, pending: before.pending + pending };
    categories.set(category, { category, ...sum });
  }
  return {
    revision: BigInt(seen),
    buyers,
    seatBytes,
    categories: [...categories.values()].sort((one, other) => one.category - other.category),
  };
}

export type SeatBytes = { readonly revision: bigint; readonly bytes: Uint8Array };
const seatsReply = z.union([z.tuple([revision, z.instanceof(Buffer)]), z.tuple([])]);

export function parseSeats(reply: unknown): SeatBytes | undefined {
  const [seen, bytes] = seatsReply.parse(reply);
  return seen === undefined || bytes === undefined ? undefined : { revision: seen, bytes };
}

export const parseRetire = (reply: unknown): number => count.parse(reply);
