/**
 * The gate as a few maps: no buckets, no Redis. What it answers to a sequence of calls is what the scripts
 * must answer; behind it stands a log of its own, which alone decides what is sold.
 */
import type { CategoryPlaces } from '../../src/gate/index.ts';

export type Taken = {
  readonly buyer: number;
  readonly takes: readonly CategoryPlaces[];
  readonly deadlineMs: number;
};

export type Sale = { readonly free: number[]; readonly has: Map<number, number>; revision: number };

export type Model = {
  /** What the log says now; the projector may not have seen it yet. */
  readonly log: Sale;
  /** What Redis knows of it; undefined when it was flushed. */
  seen: Sale | undefined;
  readonly reserved: Map<string, Taken>;
  readonly underWay: Map<number, string>;
  readonly answered: Set<string>;
  readonly limit: number;
};

export function newModel(free: readonly number[], limit: number): Model {
  const sale = (): Sale => ({ free: [...free], has: new Map(), revision: 0 });
  return {
    log: sale(),
    seen: sale(),
    reserved: new Map(),
    underWay: new Map(),
    answered: new Set(),
    limit,
  };
}

export const placesOf = (takes: readonly CategoryPlaces[]): number =>
  takes.reduce((sum, { places }) => sum + places, 0);

export function pendingOf({ reserved }: Model, category: number): number {
  return placesOf(
    [...reserved.values()].flatMap(({ takes }) => takes.filter((one) => one.category === category)),
  );
}

export function endReservation(model: Model, name: string): boolean {
  const taken = model.reserved.get(name);
  if (taken === undefined) return false;
  model.reserved.delete(name);
  if (model.underWay.get(taken.buyer) === name) model.underWay.delete(taken.buyer);
  return true;
}

/** What became of its order is not known, so the request is let through from now on. */
function expire(model: Model, name: string): void {
  if (endReservation(model, name)) model.answered.add(name);
}

/** Oldest deadline first, then by `idOf`, as a sorted set has them. */
export function endExpired(
  model: Model,
  nowMs: number,
  most: number,
  idOf: (name: string) => string,
): number {
  const expired = [...model.reserved]
    .filter(([, { deadlineMs }]) => deadlineMs <= nowMs)
    .sort(([a, one], [b, other]) => one.deadlineMs - other.deadlineMs || (idOf(a) < idOf(b) ? -1 : 1))
    .slice(0, most);
  for (const [name] of expired) expire(model, name);
  return expired.length;
}

export type Asked = { readonly name: string } & Taken & { readonly nowMs: number };

/** After `endExpired`. */
export function reserve(model: Model, { name, buyer, takes, deadlineMs, nowMs }: Asked): object {
  const { seen, reserved, underWay, limit } = model;
  if (seen === undefined) return { kind: 'open', reason: 'empty' };
  const before = reserved.get(name);
  if (before !== undefined && before.deadlineMs > nowMs) {
    return { kind: 'reserved', deadlineMs: before.deadlineMs, again: true };
  }
  expire(model, name);
  if (model.answered.has(name)) return { kind: 'open', reason: 'repeated' };
  const other = underWay.get(buyer);
  if (other !== undefined) {
    if ((reserved.get(other)?.deadlineMs ?? 0) > nowMs) return { kind: 'duplicate_submission' };
    expire(model, other);
  }
  const pending = [...reserved.values()].filter((one) => one.buyer === buyer);
  const has = (seen.has.get(buyer) ?? 0) + placesOf(pending.flatMap((one) => one.takes));
  if (placesOf(takes) > 0 && has + placesOf(takes) > limit) return { kind: 'limit_per_buyer', limit, has };
  for (const { category, places } of takes) {
    const left = (seen.free[category] ?? 0) - pendingOf(model, category);
    if (left < places) return { kind: 'sold_out', category, left: Math.max(left, 0) };
  }
  reserved.set(name, { buyer, takes, deadlineMs });
  underWay.set(buyer, name);
  return { kind: 'reserved', deadlineMs, again: false };
}

/** An event, as log and projector take it. `sign` is -1 for places that are taken. */
export function change(sale: Sale, buyer: number, takes: readonly CategoryPlaces[], sign: 1 | -1): void {
  for (const { category, places } of takes) sale.free[category] = (sale.free[category] ?? 0) + sign * places;
  const has = (sale.has.get(buyer) ?? 0) - sign * placesOf(takes);
  if (has > 0) sale.has.set(buyer, has);
  else sale.has.delete(buyer);
  sale.revision += 1;
}
