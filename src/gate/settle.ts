/** Applies what the log says to the counters and the seat map, in calls of a bounded size. */
import type { Key } from '../domain/sale/keys.ts';
import { type GateKeys, homeOf, nameOf } from './keys.ts';
import type { SettleOutcome } from './outcomes.ts';
import type { RunScript } from './registry.ts';
import { type CategoryPlaces, type SettleEventArgs, settleScript } from './scripts.ts';
import { type SeatStatus, seatStatus } from './seat-map.ts';

/** Events in one call of Redis, about a millisecond of it; a longer list is several calls. */
const EVENTS_PER_SETTLE = 100;

/**
 * What an event of the sale changes. Every event of the stream is one, whether it changes something or not.
 */
export type Effect = {
  readonly revision: bigint;
  /** Places more of each category; negative where they are taken. */
  readonly stock?: readonly CategoryPlaces[];
  /** Places more of a buyer. */
  readonly buyer?: { readonly buyer: Key; readonly places: number };
  /** The request that this event answers with an order. */
  readonly request?: Key;
  /** The request that this event says got nothing: what was set aside for it is free. */
  readonly released?: Key;
  readonly seats?: { readonly status: SeatStatus; readonly numbers: readonly number[] };
};

export async function settle(
  run: RunScript,
  keys: GateKeys,
  effects: readonly Effect[],
  nowMs: number,
): Promise<SettleOutcome> {
  let applied = 0;
  for (let from = 0; ; from += EVENTS_PER_SETTLE) {
    const events = effects.slice(from, from + EVENTS_PER_SETTLE).map(settleEvent);
    const outcome = await run(settleScript, keys, { nowMs, events });
    if (outcome.kind === 'empty') return outcome;
    applied += outcome.applied;
    const isLast = from + EVENTS_PER_SETTLE >= effects.length;
    if (outcome.kind === 'behind' || isLast) return { ...outcome, applied };
  }
}

function settleEvent({ revision, stock = [], buyer, request, released, seats }: Effect): SettleEventArgs {
  return {
    revision,
    buyer: buyer === undefined ? '' : nameOf(buyer.buyer),
    home: buyer === undefined ? 0 : homeOf(buyer.buyer),
    buyerPlaces: buyer?.places ?? 0,
    request: request === undefined ? '' : nameOf(request),
    released: released === undefined ? '' : nameOf(released),
    seatStatus: seats?.status ?? seatStatus.free,
    seats: seats?.numbers ?? [],
    stock,
  };
}
