/** Each script of `lua/` as a type: what goes in, in the order of its header, and what comes out. */
import type { GateKeys } from './keys.ts';
import {
  type ConfirmOutcome,
  type Counters,
  parseConfirm,
  parseCounters,
  parseRefill,
  parseRelease,
  parseReserve,
  parseRetire,
  parseSeats,
  parseSettle,
  parseSweep,
  type RefillOutcome,
  type ReleaseOutcome,
  type ReserveOutcome,
  type SeatBytes,
  type SettleOutcome,
  type SweepOutcome,
} from './outcomes.ts';
import type { Script, ScriptArgument } from './registry.ts';

const COUNTER_KEYS: readonly (keyof GateKeys)[] = ['stock', 'pending', 'deadlines', 'buyers', 'requests'];
const ALL_KEYS: readonly (keyof GateKeys)[] = [...COUNTER_KEYS, 'seats'];

export type CategoryPlaces = { readonly category: number; readonly places: number };

export type ReserveArgs = {
  readonly buyer: string;
  readonly home: number;
  readonly request: string;
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly mostExpired: number;
  readonly leastRevision: bigint;
  /** No category twice. */
  readonly takes: readonly CategoryPlaces[];
};

export const reserveScript: Script<ReserveArgs, ReserveOutcome> = {
  name: 'reserve',
  keys: COUNTER_KEYS,
  args: ({ buyer, home, request, nowMs, deadlineMs, mostExpired, leastRevision, takes }) => [
    ...[buyer, home, request, nowMs, deadlineMs, mostExpired, leastRevision.toString()],
    ...takes.flatMap(({ category, places }) => [category, places]),
  ],
  parse: parseReserve,
};

export const releaseScript: Script<{ readonly request: string }, ReleaseOutcome> = {
  name: 'release',
  keys: ['pending', 'deadlines'],
  args: ({ request }) => [request],
  parse: parseRelease,
};

export type ConfirmArgs = { readonly buyer: string; readonly request: string; readonly nowMs: number };

export const confirmScript: Script<ConfirmArgs, ConfirmOutcome> = {
  name: 'confirm',
  keys: ['pending', 'requests'],
  args: ({ buyer, request, nowMs }) => [buyer, request, nowMs],
  parse: parseConfirm,
};

export type SettleEventArgs = {
  readonly revision: bigint;
  /** Empty for none. */
  readonly buyer: string;
  readonly home: number;
  readonly buyerPlaces: number;
  /** Answered with an order; empty for none. */
  readonly request: string;
  /** Got nothing; empty for none. */
  readonly released: string;
  readonly seatStatus: number;
  readonly seats: readonly number[];
  readonly stock: readonly CategoryPlaces[];
};
export type SettleArgs = { readonly nowMs: number; readonly events: readonly SettleEventArgs[] };

export const settleScript: Script<SettleArgs, SettleOutcome> = {
  name: 'settle',
  keys: ALL_KEYS,
  args: ({ nowMs, events }) => [nowMs, ...events.flatMap(settleEvent)],
  parse: parseSettle,
};

function settleEvent(event: SettleEventArgs): ScriptArgument[] {
  const { revision, buyer, home, buyerPlaces, request, released, seatStatus, seats, stock } = event;
  const pairs = stock.flatMap(({ category, places }) => [category, places]);
  return [
    ...[revision.toString(), buyer, home, buyerPlaces, request, released, seatStatus],
    ...[stock.length, seats.length, ...pairs, ...seats],
  ];
}

export type SweepArgs = { readonly nowMs: number; readonly forgetMs: number; readonly most: number };

export const sweepScript: Script<SweepArgs, SweepOutcome> = {
  name: 'sweep',
  keys: ['pending', 'deadlines', 'requests'],
  args: ({ nowMs, forgetMs, most }) => [nowMs, forgetMs, most],
  parse: parseSweep,
};

export type RefillArgs = {
  readonly token: string;
  readonly revision: bigint;
  readonly part: 'first' | 'middle' | 'last' | 'only';
  readonly limitPerBuyer: number;
  readonly nowMs: number;
  readonly buyers: readonly { readonly buyer: string; readonly places: number }[];
  readonly requests: readonly string[];
  /** Of the whole seat map. */
  readonly seatBytes: number;
  /** What of the seat map comes in this part, and at which of its bytes. */
  readonly seatOffset: number;
  readonly seats: Uint8Array;
  /** From this part on; 0 for counters that stay. */
  readonly ttlMs: number;
  readonly categories: readonly (CategoryPlaces & { readonly buckets: number })[];
};

export const refillScript: Script<RefillArgs, RefillOutcome> = {
  name: 'refill',
  keys: ALL_KEYS,
  args: (part) => [
    ...[part.token, part.revision.toString(), part.part, part.limitPerBuyer, part.nowMs],
    ...[part.buyers.length, part.requests.length, part.seatBytes, part.seatOffset, Buffer.from(part.seats)],
    part.ttlMs,
    ...part.buyers.flatMap(({ buyer, places }) => [buyer, places]),
    ...part.requests,
    ...part.categories.flatMap(({ category, buckets, places }) => [category, buckets, places]),
  ],
  parse: parseRefill,
};

export const countersScript: Script<void, Counters | undefined> = {
  name: 'counters',
  keys: ['stock', 'pending', 'buyers', 'requests', 'seats'],
  args: () => [],
  parse: parseCounters,
};

/** Bytes of the seat map, both included. */
export type SeatsArgs = { readonly firstByte: number; readonly lastByte: number };

export const seatsScript: Script<SeatsArgs, SeatBytes | undefined> = {
  name: 'seats',
  keys: ['stock', 'seats'],
  args: ({ firstByte, lastByte }) => [firstByte, lastByte],
  isBinary: true,
  parse: parseSeats,
};

export const retireScript: Script<{ readonly ttlMs: number }, number> = {
  name: 'retire',
  keys: ALL_KEYS,
  args: ({ ttlMs }) => [ttlMs],
  parse: parseRetire,
};
