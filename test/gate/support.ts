/** Short words for the gate's tests: programs, buyers and requests by number. */
import { createHash } from 'node:crypto';
import { keyOfBuyer, keyOfDigest } from '../../src/domain/sale/keys.ts';
import {
  type ProgramId,
  programIdSchema,
  type RequestId,
  requestIdSchema,
  type UserId,
  userIdSchema,
} from '../../src/domain/shared/ids.ts';
import type { GateOptions } from '../../src/gate/index.ts';
import {
  type CategoryPlaces,
  createGate,
  type Effect,
  type Gate,
  type Refill,
} from '../../src/gate/index.ts';

export const START_MS = 1_900_000_000_000;
export const TTL_MS = 10_000;

let programs = 0;

/** A program that no other test of the process has. */
export function newProgram(): ProgramId {
  programs += 1;
  return programIdSchema.parse(`program-${process.pid}-${programs}`);
}

export function buyer(number: number): UserId {
  return userIdSchema.parse(`buyer-${number}`);
}

export function request(name: string | number): RequestId {
  return requestIdSchema.parse(createHash('md5').update(String(name)).digest('hex'));
}

export type Clock = { nowMs: number };

/**
 * A gate with a clock that stands still. Troubles are collected; patient, because the machine may be busy.
 */
export function testGate(client: GateOptions['client'], options: Partial<GateOptions> = {}) {
  const clock: Clock = { nowMs: START_MS };
  const troubles: Error[] = [];
  const gate = createGate({
    client,
    nowMs: () => clock.nowMs,
    onTrouble: (error) => troubles.push(error),
    timeoutMs: 5_000,
    reservationTtlMs: TTL_MS,
    ...options,
  });
  return { gate, clock, troubles };
}

export type SaleNow = Partial<Omit<Refill, 'programId' | 'categories'>> & {
  readonly free: readonly number[];
  /** Of the first category, and of the others. */
  readonly buckets?: number;
  readonly otherBuckets?: number;
};

export function fill(gate: Gate, programId: ProgramId, sale: SaleNow) {
  const { free, buckets = 1, otherBuckets = buckets, ...rest } = sale;
  return gate.refill({
    programId,
    revision: 0n,
    limitPerBuyer: 4,
    buyers: [],
    categories: free.map((places, category) => ({
      category,
      places,
      buckets: category === 0 ? buckets : otherBuckets,
    })),
    ...rest,
  });
}

export function order(programId: ProgramId, from: number, name: string | number, places = 1, category = 0) {
  return { programId, buyer: buyer(from), requestId: request(name), takes: [{ category, places }] };
}

type Ordered = { buyer: UserId; requestId: RequestId; takes: readonly CategoryPlaces[] };

/** What OrderPlaced does. */
export function placed(revision: bigint, { buyer: by, requestId, takes }: Ordered): Effect {
  return {
    revision,
    stock: takes.map(({ category, places }) => ({ category, places: -places })),
    buyer: { buyer: keyOfBuyer(by), places: takes.reduce((sum, { places }) => sum + places, 0) },
    request: keyOfDigest(requestId),
  };
}

/** What OrderCancelled and OrderExpired do. */
export function cancelled(revision: bigint, { buyer: by, takes }: Ordered): Effect {
  return {
    revision,
    stock: takes,
    buyer: { buyer: keyOfBuyer(by), places: -takes.reduce((sum, { places }) => sum + places, 0) },
  };
}

/** Projected and pending places of each category. */
export async function believed(gate: Gate, programId: ProgramId): Promise<[number, number][] | undefined> {
  const counters = await gate.counters(programId);
  return counters?.categories.map(({ projected, pending }) => [projected, pending]);
}
