/**
 * Order numbers say where an order lives: the last eight bits are a gene taken from the buyer's id, so that
 * "my orders" and "this order" are found in one partition. The layout and the gene are a stored format: never
 * change them. `docs/adr/0006-order-numbers.md` tells why no two processes ever make the same number.
 */
import type { OrderNumber, PaymentNumber, UserId } from './ids.ts';

const SECOND_MS = 1_000;

/** 2025-01-01T00:00:00Z. 41 bits of milliseconds after it end in September 2094. */
export const ORDER_EPOCH_MS = 1_735_689_600_000;
const TIME_BITS = 41;
const WORKER_BITS = 7;
const SEQUENCE_BITS = 7;
const GENE_BITS = 8;

/** Partition counts must divide this. */
export const GENES = 2 ** GENE_BITS;
export const WORKERS = 2 ** WORKER_BITS;
/** How many numbers a worker makes in one millisecond before it goes on in the next. */
export const NUMBERS_PER_MS = 2 ** SEQUENCE_BITS;

/** How far a generator's time may be ahead of the clock before it refuses. */
export const MAX_AHEAD_MS = 60 * SECOND_MS;
const MAX_TICK = 2 ** TIME_BITS - 1;

const GENE_MASK = BigInt(GENES - 1);
const SEQUENCE_SHIFT = BigInt(GENE_BITS);
const WORKER_SHIFT = BigInt(GENE_BITS + SEQUENCE_BITS);
const TIME_SHIFT = BigInt(GENE_BITS + SEQUENCE_BITS + WORKER_BITS);

/** The right to make numbers of one worker with times from `fromMs` up to, and without, `untilMs`. */
export type NumberLease = { readonly workerId: number; readonly fromMs: number; readonly untilMs: number };

/** `sequence` is the one to use next in the millisecond `lastMs`. */
export type NumberGenerator = {
  readonly workerId: number;
  readonly lastMs: number;
  readonly sequence: number;
  readonly untilMs: number;
};

type Slot = { readonly timeMs: number; readonly workerId: number; readonly sequence: number };
export type Numbered =
  | { readonly kind: 'numbered'; readonly number: OrderNumber; readonly generator: NumberGenerator }
  /** The clock was set back, or numbers were made faster than time passes, by more than `MAX_AHEAD_MS`. */
  | { readonly kind: 'refused'; readonly code: 'clock_behind'; readonly behindMs: number }
  /** Times from here on may be another process's. Renew the lease. */
  | { readonly kind: 'refused'; readonly code: 'lease_ended'; readonly untilMs: number };

/** Throws when the worker id or the times do not fit a number: the lease table is broken. */
export function startGenerator(lease: NumberLease): NumberGenerator {
  const { workerId, fromMs, untilMs } = lease;
  if (!Number.isInteger(workerId) || workerId < 0 || workerId >= WORKERS) {
    throw new RangeError(`${workerId} is not a worker id: 0 to ${WORKERS - 1}.`);
  }
  const areTimes = [fromMs, untilMs].every(Number.isSafeInteger);
  if (!areTimes || untilMs < fromMs || untilMs - ORDER_EPOCH_MS > MAX_TICK) {
    throw new RangeError(`A lease from ${fromMs} to ${untilMs} does not fit an order number.`);
  }
  // The first millisecond is left out, so that no number is 0.
  return { workerId, lastMs: Math.max(fromMs, ORDER_EPOCH_MS + 1), sequence: 0, untilMs };
}

/**
 * Goes on in the next lease. When somebody else had a lease of the same worker id in between, the times up to
 * there are theirs, and the generator leaps over them. Throws as `startGenerator` does.
 */
export function renewGenerator(generator: NumberGenerator, lease: NumberLease): NumberGenerator {
  const started = startGenerator(lease);
  const isNext = lease.workerId === generator.workerId && lease.fromMs === generator.untilMs;
  return isNext ? { ...generator, untilMs: lease.untilMs } : started;
}

/** `nowMs` is the wall clock; the generator never goes back with it. */
export function nextOrderNumber(generator: NumberGenerator, buyerId: UserId, nowMs: number): Numbered {
  const slot = nextSlot(generator, nowMs);
  const aheadMs = slot.timeMs - nowMs;
  if (aheadMs > MAX_AHEAD_MS) return { kind: 'refused', code: 'clock_behind', behindMs: aheadMs };
  if (slot.timeMs >= generator.untilMs) {
    return { kind: 'refused', code: 'lease_ended', untilMs: generator.untilMs };
  }
  return {
    kind: 'numbered',
    number: encode(slot, geneOf(buyerId)),
    generator: { ...generator, lastMs: slot.timeMs, sequence: slot.sequence + 1 },
  };
}

/** Whatever the clock says, the next slot is later than every slot before it. */
function nextSlot(generator: NumberGenerator, nowMs: number): Slot {
  const { workerId, lastMs, sequence } = generator;
  if (nowMs > lastMs) return { timeMs: nowMs, workerId, sequence: 0 };
  if (sequence < NUMBERS_PER_MS) return { timeMs: lastMs, workerId, sequence };
  return { timeMs: lastMs + 1, workerId, sequence: 0 };
}

/** A valid `OrderNumber` by construction; parsing it again would cost more than making it. */
function encode({ timeMs, workerId, sequence }: Slot, gene: number): OrderNumber {
  const tick = BigInt(timeMs - ORDER_EPOCH_MS) << TIME_SHIFT;
  const low = (workerId << Number(WORKER_SHIFT)) | (sequence << Number(SEQUENCE_SHIFT)) | gene;
  return (tick | BigInt(low)).toString() as OrderNumber;
}

/** FNV-1a with murmur3's finish, of which the low bits are kept. User ids are ASCII. */
export function geneOf(userId: UserId): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < userId.length; index += 1) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & (GENES - 1);
}

/** The gene of the buyer whose order (or payment) this is: the number modulo `GENES`. */
export function geneOfOrder(number: OrderNumber | PaymentNumber): number {
  return Number(BigInt(number) & GENE_MASK);
}

export type DecodedNumber = Slot & { readonly gene: number };

/** What a number says, for people who look into a problem. The time may be up to `MAX_AHEAD_MS` early. */
export function decodeNumber(number: OrderNumber | PaymentNumber): DecodedNumber {
  const bits = BigInt(number);
  return {
    timeMs: Number(bits >> TIME_SHIFT) + ORDER_EPOCH_MS,
    workerId: Number((bits >> WORKER_SHIFT) & BigInt(WORKERS - 1)),
    sequence: Number((bits >> SEQUENCE_SHIFT) & BigInt(NUMBERS_PER_MS - 1)),
    gene: Number(bits & GENE_MASK),
  };
}
