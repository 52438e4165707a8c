/**
 * Puts the counters of a sale back as the log has them. A sale may have many buyers and Redis serves
 * everybody else meanwhile, so it goes in parts of a bounded size.
 */
import { randomUUID } from 'node:crypto';
import type { Key } from '../domain/sale/keys.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { type GateKeys, gateKeys, nameOf } from './keys.ts';
import type { RefillOutcome } from './outcomes.ts';
import type { RunScript } from './registry.ts';
import { type RefillArgs, refillScript } from './scripts.ts';

/** Buyers or requests in one part: about a millisecond of Redis. */
const PART_SIZE = 500;
/** Of 65,000 seats. */
const SEAT_BYTES_PER_PART = 16_384;
const MAX_BUCKETS = 64;

export type Refill = {
  readonly programId: ProgramId;
  /** Of the sale's stream; the counters are as of this event. */
  readonly revision: bigint;
  readonly limitPerBuyer: number;
  /**
   * Every category of the layout: its free places, and over how many buckets they are spread (1 unless
   * given).
   */
  readonly categories: readonly {
    readonly category: number;
    readonly places: number;
    readonly buckets?: number;
  }[];
  /** Those who have places, held or sold. */
  readonly buyers: readonly { readonly buyer: Key; readonly places: number }[];
  /** Requests of orders that the sale remembers, so that a repeated one is let through to its answer. */
  readonly requests?: readonly Key[];
  /** The whole seat map, packed as `seat-map.ts` has it; none where every place is general admission. */
  readonly seats?: Uint8Array;
};

/** Which counters are filled, and for how long in ms; the live ones, for good, unless given. */
export type RefillWhere = { readonly keys: GateKeys; readonly ttlMs: number };

/** Rejects when Redis fails or is late; beginning again is safe, and until the last part the gate is open. */
export async function refill(
  run: RunScript,
  state: Refill,
  nowMs: number,
  { keys, ttlMs }: RefillWhere = { keys: gateKeys(state.programId), ttlMs: 0 },
): Promise<RefillOutcome> {
  let outcome: RefillOutcome = { kind: 'superseded' };
  for (const part of partsOf(state, nowMs, ttlMs)) {
    outcome = await run(refillScript, keys, part);
    if (outcome.kind !== 'filling') return outcome;
  }
  return outcome;
}

type PartContent = Pick<RefillArgs, 'buyers' | 'requests' | 'seatOffset' | 'seats'>;
const NO_SEATS = new Uint8Array();

function partsOf(state: Refill, nowMs: number, ttlMs: number): RefillArgs[] {
  const { revision, limitPerBuyer } = state;
  const buyers = state.buyers.map(({ buyer, places }) => ({ buyer: nameOf(buyer), places }));
  const requests = (state.requests ?? []).map(nameOf);
  const seats = state.seats ?? NO_SEATS;
  const nothing: PartContent = { buyers: [], requests: [], seatOffset: 0, seats: NO_SEATS };
  const contents: PartContent[] = [
    ...slices(buyers).map((some) => ({ ...nothing, buyers: some })),
    ...slices(requests).map((some) => ({ ...nothing, requests: some })),
  ];
  for (let from = 0; from < seats.length; from += SEAT_BYTES_PER_PART) {
    const some = seats.subarray(from, from + SEAT_BYTES_PER_PART);
    contents.push({ ...nothing, seatOffset: from, seats: some });
  }
  if (contents.length === 0) contents.push(nothing);
  const common = {
    ...{ token: randomUUID(), revision, limitPerBuyer, nowMs, ttlMs },
    seatBytes: seats.length,
  };
  return contents.map((content, index) => {
    const isLast = index === contents.length - 1;
    const categories = isLast ? state.categories.map(withBuckets) : [];
    return { ...common, ...content, categories, part: partName(index === 0, isLast) };
  });
}

function partName(isFirst: boolean, isLast: boolean): RefillArgs['part'] {
  if (isFirst) return isLast ? 'only' : 'first';
  return isLast ? 'last' : 'middle';
}

function withBuckets({ category, places, buckets = 1 }: Refill['categories'][number]) {
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > MAX_BUCKETS) {
    throw new RangeError(`A category has 1 to ${MAX_BUCKETS} buckets, not ${buckets}.`);
  }
  return { category, places, buckets };
}

function slices<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < items.length; from += PART_SIZE) parts.push(items.slice(from, from + PART_SIZE));
  return parts;
}
