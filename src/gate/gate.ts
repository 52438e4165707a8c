/**
 * The gate: turns away who has no chance before they cost an append. The log decides; what the gate counts
 * may be lost, stale or out of reach at any moment, and then it lets orders through.
 */
import { keyOfBuyer, keyOfDigest } from '../domain/sale/keys.ts';
import type { ProgramId, RequestId, UserId } from '../domain/shared/ids.ts';
import { createCaution, within } from './caution.ts';
import { gateKeys, homeOf, nameOf } from './keys.ts';
import type {
  ConfirmOutcome,
  Counters,
  RefillOutcome,
  ReleaseOutcome,
  ReserveOutcome,
  SeatBytes,
  SettleOutcome,
  SweepOutcome,
} from './outcomes.ts';
import { type Refill, refill } from './refill.ts';
import { openRegistry, type RunScript, type ScriptClient } from './registry.ts';
import {
  type CategoryPlaces,
  confirmScript,
  countersScript,
  releaseScript,
  reserveScript,
  retireScript,
  seatsScript,
  sweepScript,
} from './scripts.ts';
import { alignSeats, bytesOfSeats } from './seat-map.ts';
import { type Effect, settle } from './settle.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

const TIMEOUT_MS = 100;
const PAUSE_MS = SECOND_MS;
const PROJECTOR_TIMEOUT_MS = 5 * SECOND_MS;
const RESERVATION_TTL_MS = 10 * SECOND_MS;
const REQUEST_MEMORY_MS = 24 * HOUR_MS;

/** Expired reservations that one `reserve` ends, so that places come back even where no sweep runs. */
const EXPIRED_PER_RESERVE = 8;
const ANY_REVISION = -1n;

export type GateOptions = {
  readonly client: ScriptClient;
  readonly nowMs: () => number;
  /** Why an order was let through uncounted, once per failure and not while Redis is left alone. */
  readonly onTrouble: (error: Error) => void;
  /** Longest wait of an order for Redis. */
  readonly timeoutMs?: number;
  /** How long Redis is left alone after five failures in a row. */
  readonly pauseMs?: number;
  /** Longest wait of `settle`, `sweep`, `refill` and `counters`. */
  readonly projectorTimeoutMs?: number;
  /**
   * How long a reservation waits for its order's event: longer than an order takes and the projector lags.
   */
  readonly reservationTtlMs?: number;
  /** How long a request that became an order, or may have, is known to `reserve`. */
  readonly requestMemoryMs?: number;
};

export type Reservation = {
  readonly programId: ProgramId;
  readonly buyer: UserId;
  readonly requestId: RequestId;
  /** Places by category (its place in the layout); none where the places are held already. */
  readonly takes: readonly CategoryPlaces[];
  /** Below this revision of the sale the counters are too old to refuse anybody. */
  readonly leastRevision?: bigint;
};

export type Gate = {
  /** Never rejects and never takes longer than `timeoutMs`: what goes wrong is `open`. */
  readonly reserve: (reservation: Reservation) => Promise<ReserveOutcome>;
  /** The order came to nothing. Never rejects. */
  readonly release: (
    order: Pick<Reservation, 'programId' | 'requestId'>,
  ) => Promise<ReleaseOutcome | 'unavailable'>;
  /**
   * The order is in the log: its buyer may submit another before the projector has seen it, and the same
   * request is let through to its answer. Never rejects.
   */
  readonly confirm: (
    order: Pick<Reservation, 'programId' | 'buyer' | 'requestId'>,
  ) => Promise<ConfirmOutcome | 'unavailable'>;
  /**
   * Applies events in the order of their revisions, with none left out; repeating it changes nothing.
   * Rejects, as all below, when Redis fails or is late: then it is unknown whether it happened, and it is
   * to be repeated.
   */
  readonly settle: (programId: ProgramId, effects: readonly Effect[]) => Promise<SettleOutcome>;
  /** Ends at most `most` reservations whose time is over, and forgets at most as many old requests. */
  readonly sweep: (programId: ProgramId, most: number) => Promise<SweepOutcome>;
  /** Sets the counters as of a revision of the sale, unless they are of a later one. */
  readonly refill: (state: Refill) => Promise<RefillOutcome>;
  /** What the gate believes; undefined where it has no counters. */
  readonly counters: (programId: ProgramId) => Promise<Counters | undefined>;
  /** Has Redis forget the program after so long: then the gate is open. */
  readonly retire: (programId: ProgramId, ttlMs: number) => Promise<number>;
  /**
   * The status of `count` seats from `firstSeat` on, two bits each as `seat-map.ts` has them, and the revision
   * of the sale that they show. Undefined where Redis has none or does not answer. Never rejects.
   */
  readonly readSeats: (
    programId: ProgramId,
    firstSeat: number,
    count: number,
  ) => Promise<SeatBytes | undefined>;
};

/** Throws when `lua/` is missing or contradicts itself. */
export function createGate(options: GateOptions): Gate {
  const { client, nowMs, onTrouble, timeoutMs = TIMEOUT_MS, pauseMs = PAUSE_MS } = options;
  const { projectorTimeoutMs = PROJECTOR_TIMEOUT_MS, reservationTtlMs = RESERVATION_TTL_MS } = options;
  const { requestMemoryMs = REQUEST_MEMORY_MS } = options;
  const run = openRegistry(client);
  const caution = createCaution({ timeoutMs, pauseMs, onTrouble });
  const runWithin: RunScript = (script, keys, args) =>
    within(projectorTimeoutMs, () => run(script, keys, args));
  return {
    reserve: async (reservation) => {
      const args = reserveArgs(reservation, nowMs(), reservationTtlMs);
      const keys = gateKeys(reservation.programId);
      const outcome = await caution(() => run(reserveScript, keys, args));
      return outcome ?? { kind: 'open', reason: 'unavailable' };
    },
    release: async ({ programId, requestId }) => {
      const args = { request: nameOf(keyOfDigest(requestId)) };
      return (await caution(() => run(releaseScript, gateKeys(programId), args))) ?? 'unavailable';
    },
    confirm: async ({ programId, buyer, requestId }) => {
      const names = { buyer: nameOf(keyOfBuyer(buyer)), request: nameOf(keyOfDigest(requestId)) };
      const args = { ...names, nowMs: nowMs() };
      return (await caution(() => run(confirmScript, gateKeys(programId), args))) ?? 'unavailable';
    },
    settle: (programId, effects) => settle(runWithin, gateKeys(programId), effects, nowMs()),
    sweep: (programId, most) => {
      const now = nowMs();
      const args = { nowMs: now, forgetMs: now - requestMemoryMs, most };
      return runWithin(sweepScript, gateKeys(programId), args);
    },
    refill: (state) => refill(runWithin, state, nowMs()),
    counters: (programId) => runWithin(countersScript, gateKeys(programId), undefined),
    retire: (programId, ttlMs) => runWithin(retireScript, gateKeys(programId), { ttlMs }),
    readSeats: async (programId, firstSeat, count) => {
      if (count < 1) return undefined;
      const args = bytesOfSeats(firstSeat, count);
      const found = await caution(() => run(seatsScript, gateKeys(programId), args));
      return found && { ...found, bytes: alignSeats(found.bytes, firstSeat, count) };
    },
  };
}

function reserveArgs(reservation: Reservation, nowMs: number, ttlMs: number) {
  const buyer = keyOfBuyer(reservation.buyer);
  return {
    buyer: nameOf(buyer),
    home: homeOf(buyer),
    request: nameOf(keyOfDigest(reservation.requestId)),
    nowMs,
    deadlineMs: nowMs + ttlMs,
    mostExpired: EXPIRED_PER_RESERVE,
    leastRevision: reservation.leastRevision ?? ANY_REVISION,
    takes: addUp(reservation.takes),
  };
}

function addUp(takes: readonly CategoryPlaces[]): CategoryPlaces[] {
  const sums = new Map<number, number>();
  for (const { category, places } of takes) sums.set(category, (sums.get(category) ?? 0) + places);
  return [...sums].map(([category, places]) => ({ category, places }));
}
