/**
 * Puts another version of a sale's counters in the place of the live one, while orders are placed and a projector of
 * another process settles them. The next version is brought to the revision that the live one has; where the live one
 * is faster, to the end of the log, behind which it cannot be.
 */
import { isClosed } from '../../domain/sale/outcomes.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { type Effect, type Gate, type GateVersions, nameOf } from '../../gate/index.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import { effectOf } from '../effects.ts';
import type { HeldSale } from '../held-sales.ts';
import { refillOf } from '../sale-in-redis.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { END, foldedAt, foldOn, type SaleReading } from './sale-stream.ts';

/** In each of them the live version must stand still for two round trips. */
const EXACT_TRIES = 5;
const MAX_TRIES = 40;
const MAX_BEGINNINGS = 5;
const PAUSE_MS = 25;

export type Swapping = Pick<RedisRebuildDeps, 'nowMs' | 'sleep'> & {
  readonly reading: SaleReading;
  readonly versions: GateVersions;
  readonly gate: Pick<Gate, 'counters' | 'refill'>;
};

/** Which swap of the gate this is a part of. */
export type PartOfSwap = { readonly swapId: string };

/** A sale, and the next version of its counters at the same revision. */
export type Prepared = {
  readonly sale: HeldSale;
  /** A revision of the live version that the log does not have. */
  readonly foreign?: bigint | undefined;
};

/**
 * `prepare` makes the next version, given the revision of the live one; undefined where there is nothing to make it of.
 * Answers how long writers waited for the swap, in ms. Rejects with `RebuildError` where it cannot be done in time, and
 * as Redis and the log do.
 */
export const swapSale = async (
  swapping: Swapping,
  programId: ProgramId,
  part: PartOfSwap,
  prepare: (liveRevision: bigint) => Promise<Prepared | undefined>,
): Promise<number> => {
  for (let beginnings = 0; beginnings < MAX_BEGINNINGS; beginnings += 1) {
    const live = await swapping.gate.counters(programId);
    if (live === undefined) {
      if (await fillLive(swapping, programId)) return 0;
    } else {
      const prepared = await prepare(live.revision);
      if (prepared === undefined) return 0;
      const swapMs = await catchUpAndSwap(swapping, programId, part, prepared);
      if (swapMs !== undefined) return swapMs;
    }
    await swapping.sleep(PAUSE_MS * 2 ** beginnings, swapping.reading.signal);
  }
  throw new RebuildError(
    'swap_timed_out',
    `The counters of ${programId} were filled by others again and again; nothing was changed.`,
  );
};

/** Nothing is live, so nothing is kept: it is filled as the projector does it. True once it is there, or need not be. */
const fillLive = async ({ reading, gate }: Swapping, programId: ProgramId): Promise<boolean> => {
  const sale = await foldedAt(reading, programId, undefined, END);
  const { book } = sale.state;
  if (book === undefined || isClosed(book)) return true;
  const { kind } = await gate.refill(refillOf(programId, book, sale.next - 1n));
  return kind === 'refilled' || kind === 'newer';
};

/** Undefined where it has to be begun anew. */
const catchUpAndSwap = async (
  swapping: Swapping,
  programId: ProgramId,
  { swapId }: PartOfSwap,
  { sale, foreign }: Prepared,
): Promise<number | undefined> => {
  const { reading, versions, gate, nowMs, sleep } = swapping;
  const requests: string[] = [];
  let waitedMs = 0;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const live = tries < EXACT_TRIES ? await gate.counters(programId) : { revision: END };
    if (live === undefined) return undefined;
    const effects = await foldedEffects(reading, programId, sale, live.revision);
    for (const { request } of effects) if (request !== undefined) requests.push(nameOf(request));
    if (effects.length > 0) {
      const settled = await versions.settleNext(programId, effects);
      if (settled.kind !== 'settled') return undefined;
    }
    const startedMs = nowMs();
    const outcome = await versions.swap(programId, { foreign, swapId, requests });
    waitedMs += nowMs() - startedMs;
    if (outcome.kind === 'swapped') return waitedMs;
    if (outcome.kind !== 'behind') return undefined;
    reading.signal.throwIfAborted();
    if (tries >= EXACT_TRIES) await sleep(PAUSE_MS, reading.signal);
  }
  return undefined;
};

/**
 * Which request a queued order was about is not looked up: the reservation of one that was rejected in these few
 * milliseconds ends at its deadline.
 */
const foldedEffects = async (
  reading: SaleReading,
  programId: ProgramId,
  sale: HeldSale,
  until: bigint,
): Promise<Effect[]> => {
  const effects: Effect[] = [];
  await foldOn(reading, programId, sale, until, (state, event, { revision }) => {
    effects.push(effectOf(state, event, revision, () => undefined));
  });
  return effects;
};
