/** Holds the gate's counters and its seat map in Redis against the fold of the log. */
import type { Redis } from 'ioredis';
import type { Audited } from '../../auditor/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { gateKeys } from '../../gate/keys.ts';
import type { Findings } from './findings.ts';

export type RedisClient = Pick<Redis, 'hgetall' | 'getBuffer'>;

const BUCKET = /^(\d+):\d+$/;

type Counted = {
  /** Of the sale's stream; undefined when there are no counters. */
  readonly revision: bigint | undefined;
  /** Free places by category, all buckets together. */
  readonly free: ReadonlyMap<number, number>;
  /** Of these, reserved by orders on their way. */
  readonly reserved: ReadonlyMap<number, number>;
  /** Two bits a seat, the lowest first. */
  readonly seats: Uint8Array;
};

const SEATS_PER_BYTE = 4;
const STATUSES = ['free', 'held', 'sold', 'blocked'] as const;

export async function readCounters(redis: RedisClient, programId: ProgramId): Promise<Counted> {
  const { stock, pending, seats } = gateKeys(programId);
  const counters = await redis.hgetall(stock);
  const { revision } = counters;
  return {
    revision: revision === undefined ? undefined : BigInt(revision),
    free: sumByCategory(counters),
    reserved: sumByCategory(await redis.hgetall(pending)),
    seats: (await redis.getBuffer(seats)) ?? Buffer.alloc(0),
  };
}

function sumByCategory(fields: Readonly<Record<string, string>>): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const [field, count] of Object.entries(fields)) {
    const category = BUCKET.exec(field)?.[1];
    if (category === undefined) continue;
    sums.set(Number(category), (sums.get(Number(category)) ?? 0) + Number(count));
  }
  return sums;
}

/** Whether the counters have seen all of the sale and nothing is on its way. */
export const isSettled = ({ revision, reserved }: Counted, audited: Audited): boolean =>
  (revision === undefined && audited.saleEnded) ||
  (revision !== undefined &&
    revision >= BigInt(audited.saleRevision) &&
    [...reserved.values()].every((places) => places === 0));

export function compareCounters(counted: Counted, audited: Audited, findings: Findings): void {
  const wrong = (text: string) => findings.broken('read_models', text);
  if (counted.revision === undefined) {
    if (!audited.saleEnded) wrong('Redis has no counters of this program');
    return;
  }
  if (counted.revision !== BigInt(audited.saleRevision)) {
    wrong(`Redis is at revision ${counted.revision} of the sale, the log at ${audited.saleRevision}`);
  }
  audited.stock.forEach(({ categoryId, capacity, held, sold }, category) => {
    const free = counted.free.get(category);
    const reserved = counted.reserved.get(category) ?? 0;
    const left = capacity - held - sold;
    if (free !== left) wrong(`${categoryId}: ${free ?? 'nothing'} free in Redis, ${left} in the log`);
    if (reserved !== 0) wrong(`${categoryId}: ${reserved} places are reserved in Redis for nobody`);
  });
  for (let seat = 0; ; seat += 1) {
    const status = audited.seatStatus(seat);
    if (status === undefined) return;
    const shown = statusInMap(counted.seats, seat);
    if (shown !== status) wrong(`seat ${seat} is ${shown ?? 'nothing'} in Redis, ${status} in the log`);
  }
}

function statusInMap(seats: Uint8Array, seat: number): string | undefined {
  const byte = seats[Math.floor(seat / SEATS_PER_BYTE)];
  return byte === undefined ? undefined : STATUSES[(byte >> (2 * (seat % SEATS_PER_BYTE))) & 3];
}
