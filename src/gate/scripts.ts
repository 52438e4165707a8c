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
  parseSettle,
  parseSweep,
  type RefillOutcome,
  type ReleaseOutcome,
  type ReserveOutcome,
  type SettleOutcome,
  type SweepOutcome,
} from './outcomes.ts';
import type { Script, ScriptArgument } from './registry.ts';

const ALL_KEYS: readonly (keyof GateKeys)[] = ['stock', 'pending', 'deadlines', 'buyers', 'requests'];

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
  keys: ALL_KEYS,
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

export type ConfirmArgs = { readonly buyer: string; readonly request: string };

export const confirmScript: Script<ConfirmArgs, ConfirmOutcome> = {
  name: 'confirm',
  keys: ['pending'],
  args: ({ buyer, request }) => [buyer, request],
  parse: parseConfirm,
};

export type SettleEventArgs = {
  readonly revision: bigint;
  /** Empty for none. */
  readonly buyer: string;
  readonly home: number;
  readonly buyerPlaces: number;
  /** Empty for none. */
  readonly request: string;
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
  const { revision, buyer, home, buyerPlaces, request, stock } = event;
  const pairs = stock.flatMap(({ category, places }) => [category, places]);
  return [revision.toString(), buyer, home, buyerPlaces, request, stock.length, ...pairs];
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
  readonly categories: readonly (CategoryPlaces & { readonly buckets: number })[];
};

export const refillScript: Script<RefillArgs, RefillOutcome> = {
  name: 'refill',
  keys: ALL_KEYS,
  args: ({ token, revision, part, limitPerBuyer, nowMs, buyers, requests, categories }) => [
    ...[token, revision.toString(), part, limitPerBuyer, nowMs, buyers.length, requests.length],
    ...buyers.flatMap(({ buyer, places }) => [buyer, places]),
    ...requests,
    ...categories.flatMap(({ category, buckets, places }) => [category, buckets, places]),
  ],
  parse: parseRefill,
};

export const countersScript: Script<void, Counters | undefined> = {
  name: 'counters',
  keys: ['stock', 'pending'],
  args: () => [],
  parse: parseCounters,
};
