/** A projector over a log in memory and a real Redis, and what Redis must say in the end: out of the sale's model. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { saleStream } from '../../src/domain/sale/index.ts';
import { keyOfBuyer } from '../../src/domain/sale/keys.ts';
import { rowsOf } from '../../src/domain/sale/rows.ts';
import { userIdSchema } from '../../src/domain/shared/ids.ts';
import { type Gate, packSeats, type SeatStatus, seatStatus } from '../../src/gate/index.ts';
import { nameOf } from '../../src/gate/keys.ts';
import {
  type GateProjector,
  type GateProjectorDeps,
  startGateProjector,
} from '../../src/live/gate-projector.ts';
import { createOrderStatuses } from '../../src/live/order-statuses.ts';
import type { SavedPlace, SavedPlaces } from '../../src/live/saved-place.ts';
import { type Model, stockOf } from '../domain/sale/model.ts';
import { testGate } from '../gate/support.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import type { MemoryLog } from './log.ts';

const LOOK_EVERY_MS = 20;

export const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
  delay(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined);

export const noSnapshots = {
  load: async () => undefined,
  save: async () => undefined,
  discard: async () => undefined,
};

export function memoryPlaces(): SavedPlaces & { saved: SavedPlace | undefined } {
  const places: SavedPlaces & { saved: SavedPlace | undefined } = {
    saved: undefined,
    load: async () => places.saved,
    save: async (place) => {
      places.saved = place;
    },
  };
  return places;
}

export function testStatuses(redis: RedisServer) {
  const troubles: Error[] = [];
  const onTrouble = (error: Error): void => {
    troubles.push(error);
  };
  return { statuses: createOrderStatuses({ client: redis.client, onTrouble, timeoutMs: 5_000 }), troubles };
}

export function startProjector(
  redis: RedisServer,
  log: MemoryLog,
  change: Partial<GateProjectorDeps> & Pick<GateProjectorDeps, 'gate'>,
) {
  return startGateProjector({
    source: log.source(),
    log,
    snapshots: noSnapshots,
    statuses: testStatuses(redis).statuses,
    places: memoryPlaces(),
    nowMs: Date.now,
    sleep,
    lookEveryMs: LOOK_EVERY_MS,
    ...change,
  });
}

/** All that Redis has now. */
export async function keep({ client }: RedisServer): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const key of await client.keys('*')) {
    const [bytes, ttlMs] = [await client.dumpBuffer(key), await client.pttl(key)];
    if (bytes !== null) kept.push({ key, bytes, ttlMs: Math.max(0, ttlMs) });
  }
  return kept;
}

/** At once, as by a replica that takes over. */
export async function setBack({ client }: RedisServer, kept: readonly Kept[]): Promise<void> {
  const all = client.multi().flushall();
  for (const { key, bytes, ttlMs } of kept) all.restore(key, ttlMs, bytes);
  await all.exec();
}

type Kept = { readonly key: string; readonly bytes: Buffer; readonly ttlMs: number };

export type Said = {
  readonly revision: bigint | undefined;
  readonly free: readonly number[] | undefined;
  readonly pending: number;
  readonly buyers: Readonly<Record<string, string>>;
  readonly seats: readonly number[] | undefined;
};

/** What Redis says of a sale. */
export async function saidByRedis(redis: RedisServer, gate: Gate, model: Model): Promise<Said> {
  const { programId } = model.terms;
  const counters = await gate.counters(programId);
  const { '#': _, ...buyers } = await redis.client.hgetall(`seatlog:gate:{${programId}}:buyers`);
  const count = seatsOf(model);
  const read = count === 0 ? { bytes: [] } : await gate.readSeats(programId, 0, count);
  return {
    revision: counters?.revision,
    free: counters?.categories.map(({ projected }) => projected),
    pending: counters?.categories.reduce((sum, { pending }) => sum + pending, 0) ?? 0,
    buyers,
    seats: read && [...read.bytes],
  };
}

/** What it must say when everything has been seen and nothing is on its way. */
export function trueOf(model: Model, log: MemoryLog): Said {
  const { held, sold } = stockOf(model);
  const { layout, programId } = model.terms;
  const blocked = new Set<number>();
  const free: number[] = [];
  let firstSeat = 0;
  for (const [index, category] of layout.entries()) {
    let capacity = category.kind === 'general' ? category.capacity : 0;
    if (category.kind === 'seated') {
      for (const row of rowsOf(category)) {
        for (const kind of row.pattern.kinds) {
          if (kind === 'blocked') blocked.add(firstSeat);
          else capacity += 1;
          firstSeat += 1;
        }
      }
    }
    free.push(capacity - (held[index] ?? 0) - (sold[index] ?? 0));
  }
  const seats = new Map<number, SeatStatus>();
  const buyers = new Map<string, number>();
  for (const { status, buyer, tickets } of model.bookings.values()) {
    if (status === 'ended') continue;
    const name = nameOf(keyOfBuyer(userIdSchema.parse(buyer)));
    buyers.set(name, (buyers.get(name) ?? 0) + tickets.length);
    const shown = status === 'paid' || status === 'issued' ? seatStatus.sold : seatStatus.held;
    for (const { place } of tickets) if (place[1] !== null) seats.set(place[1], shown);
  }
  const statusOf = (seat: number): SeatStatus =>
    blocked.has(seat) ? seatStatus.blocked : (seats.get(seat) ?? seatStatus.free);
  return {
    revision: log.lastRevision(saleStream(programId)),
    free,
    pending: 0,
    buyers: Object.fromEntries([...buyers].map(([name, places]) => [name, String(places)])),
    seats: [...packSeats(firstSeat, statusOf)],
  };
}

function seatsOf({ terms }: Model): number {
  let count = 0;
  for (const category of terms.layout) {
    if (category.kind === 'seated') for (const row of rowsOf(category)) count += row.pattern.labels.length;
  }
  return count;
}

/** Fails with what Redis says last when it never says what is true. */
export async function untilTrue(redis: RedisServer, gate: Gate, model: Model, log: MemoryLog): Promise<void> {
  const expected = JSON.stringify(sorted(trueOf(model, log)));
  let said: Said | undefined;
  const isTrue = async (): Promise<boolean> => {
    said = await saidByRedis(redis, gate, model);
    return JSON.stringify(sorted(said)) === expected;
  };
  await until('Redis says what is true', isTrue).catch(() => expect(said).toEqual(trueOf(model, log)));
}

/**
 * A sale is put into Redis as far as the log goes, the statuses of its orders as far as the projector has come: only
 * behind this are they what the log says.
 */
export function untilSeen(projectors: readonly GateProjector[], log: MemoryLog): Promise<void> {
  const last = BigInt(log.length() - 1);
  return until('the log is seen', () => projectors.every(({ state }) => state().position === last));
}

const sorted = (said: Said) => ({
  ...said,
  revision: String(said.revision),
  buyers: Object.entries(said.buyers).sort(),
});

/** A gate with a clock that the test moves. */
export const patientGate = (redis: RedisServer) => testGate(redis.client);
