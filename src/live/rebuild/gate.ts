/**
 * The gate's counters, buyers and seat maps as something that can be thrown away: rebuilt from the log beside the live
 * ones, compared with them at one revision of each sale, and swapped, while orders are placed.
 */
import type { ProgramId } from '../../domain/shared/ids.ts';
import { ANY_PREVIOUS_STOCK, programOfStock, SWAP_FIELD } from '../../gate/index.ts';
import { endOfLog } from '../../rebuild/log-pages.ts';
import {
  type Rebuildable,
  RebuildError,
  type RebuildOptions,
  type WorkOptions,
} from '../../rebuild/rebuildable.ts';
import type { HeldSale } from '../held-sales.ts';
import { refillOf } from '../sale-in-redis.ts';
import { type BegunRollback, createBuilds, isToComeBack } from './builds.ts';
import { type Compared, compareAll, progressOf, type Working, workingOf } from './compare-gate.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { keysOf } from './keys-of.ts';
import { confirmSwap, oweSwap } from './owed.ts';
import { rebuildOwed, rollbackOwed } from './owed-swap.ts';
import { createReadProgress, type ReadProgress } from './read-progress.ts';
import { foldedAt, isBroken, newSale } from './sale-stream.ts';
import { type Prepared, swapSale } from './swap-sale.ts';
import { inTurn } from './turn.ts';

const NAME = 'gate';
/** Of the code that folds it. */
const VERSION = 1;

export const createGateRebuildable = (deps: RedisRebuildDeps): Rebuildable => ({
  name: NAME,
  store: 'redis',
  verify: (options) => orRebuildError(inTurn(deps, NAME, () => verify(deps, options))),
  rebuild: (options) => orRebuildError(inTurn(deps, NAME, () => rebuild(deps, options))),
  rollback: (options) => orRebuildError(inTurn(deps, NAME, () => rollback(deps, options))),
  discard: () => inTurn(deps, NAME, () => progressIn(deps).drop()),
});

/** A sale that broke behind what was read of the log, or that there was no room to fold at once. */
const orRebuildError = <Result>(work: Promise<Result>): Promise<Result> =>
  work.catch((cause: unknown) => {
    if (!isBroken(cause)) throw cause;
    throw new RebuildError('event_cannot_be_applied', `A sale cannot be folded: ${cause.message}`, { cause });
  });

const verify = async (deps: RedisRebuildDeps, options: WorkOptions): ReturnType<Rebuildable['verify']> => {
  const compared = await compareAll(workingOf(deps, options));
  const certificate = certificateOf(deps, compared, 'verify');
  return { differences: compared.differences.result(), certificate };
};

const progressIn = ({ client, release }: RedisRebuildDeps): ReadProgress =>
  createReadProgress(client, { version: VERSION, release });

/** Where it is interrupted or declined, what was read of the log is kept for the next one. */
const rebuild = async (
  deps: RedisRebuildDeps,
  options: RebuildOptions,
): ReturnType<Rebuildable['rebuild']> => {
  const progress = progressIn(deps);
  try {
    const result = await rebuildFrom(progress, workingOf(deps, options), options);
    if (result.outcome === 'swapped') await progress.drop();
    return result;
  } catch (error) {
    // Going on with what was read before would meet the same again.
    if (error instanceof RebuildError || isBroken(error)) await progress.drop();
    throw error;
  }
};

const rebuildFrom = async (
  progress: ReadProgress,
  working: Working,
  options: RebuildOptions,
): ReturnType<Rebuildable['rebuild']> => {
  const { deps } = working;
  const compared = await compareAll(working, progress);
  const differences = compared.differences.result();
  const answer = { differences, certificate: certificateOf(deps, compared, 'rebuild') };
  if (differences.count > 0 && !(await options.accept(differences))) {
    return { ...answer, outcome: 'declined', swapMs: 0 };
  }
  const builds = createBuilds(deps.client, NAME);
  const build = await builds.next();
  const owed = rebuildOwed(deps, build, answer.certificate);
  await oweSwap(deps.client, owed);
  let swapMs = 0;
  const { until, sales, kept, unwanted } = compared;
  for (const programId of kept) {
    options.signal.throwIfAborted();
    options.onProgress(progressOf('swapping', sales.tally, until));
    const held = sales.held.get(programId);
    sales.held.drop(programId);
    swapMs = Math.max(
      swapMs,
      await swapSale(working, programId, owed.rebuilt, fillFrom(working, programId, held)),
    );
  }
  // The gate is better open than wrong.
  for (const programId of unwanted) await working.gate.retire(programId, 0);
  await builds.makeLive(build, owed.rebuilt.swapId);
  await confirmSwap(deps.client, owed);
  return { ...answer, certificate: certificateOf(deps, compared, 'rebuild'), outcome: 'swapped', swapMs };
};

/** The next version, out of the fold at the live revision. */
const fillFrom =
  ({ reading, versions }: Working, programId: ProgramId, held: HeldSale | undefined) =>
  async (live: bigint): Promise<Prepared | undefined> => {
    const sale = await foldedAt(reading, programId, held, live);
    const { book } = sale.state;
    if (book === undefined) return undefined;
    const revision = sale.next - 1n;
    await versions.dropNext(programId);
    await versions.fillNext(refillOf(programId, book, revision));
    return { sale, foreign: revision < live ? live : undefined };
  };

/** One that was interrupted between two sales is gone on with: those that came back stay as they are. */
const rollback = async (
  deps: RedisRebuildDeps,
  options: WorkOptions,
): ReturnType<Rebuildable['rollback']> => {
  const working = workingOf(deps, options);
  const builds = createBuilds(deps.client, NAME);
  const begun = await builds.beginRollback();
  const { build } = begun;
  const { waiting, back } = await salesOf(deps, begun);
  if (waiting.length + back === 0) {
    await builds.endRollback();
    throw new RebuildError(
      'no_earlier_version',
      'No earlier version of the gate’s counters is kept: they are kept for seven days after a rebuild.',
    );
  }
  const position = await endOfLog(deps.store);
  const owed = rollbackOwed(deps, NAME, begun, position);
  await oweSwap(deps.client, owed);
  let swapMs = 0;
  for (const programId of waiting) {
    options.signal.throwIfAborted();
    options.onProgress({ phase: 'swapping', events: 0, position, until: position });
    swapMs = Math.max(
      swapMs,
      await swapSale(working, programId, owed.rolledBack, takePrevious(working, programId)),
    );
  }
  await builds.makeLive(build, begun.swapId);
  await confirmSwap(deps.client, owed);
  await builds.endRollback();
  return { build, position, swapMs };
};

/** Which sales still have to come back, and how many have. */
const salesOf = async ({ client }: RedisRebuildDeps, begun: BegunRollback) => {
  const waiting = new Set<ProgramId>();
  const back = new Set<ProgramId>();
  for await (const keys of keysOf(client, ANY_PREVIOUS_STOCK)) {
    for (const key of keys) {
      const programId = programOfStock(key);
      const replacedBy = await client.hget(key, SWAP_FIELD);
      if (programId === undefined) continue;
      if (isToComeBack(begun, replacedBy)) waiting.add(programId);
      else if (replacedBy === begun.swapId) back.add(programId);
    }
  }
  return { waiting: [...waiting], back: back.size };
};

/** The next version as a copy of the one before, with the sale as it was then. */
const takePrevious =
  ({ reading, versions }: Working, programId: ProgramId) =>
  async () => {
    const revision = await versions.previousAsNext(programId);
    if (revision === undefined) return undefined;
    const sale = await foldedAt(reading, programId, newSale(), revision);
    // It was about another log.
    return sale.next - 1n < revision ? undefined : { sale };
  };

const certificateOf = (
  { nowMs }: RedisRebuildDeps,
  { sales, digest, differences }: Compared,
  work: 'rebuild' | 'verify',
) =>
  sales.tally.certificate({
    ...{ projection: NAME, store: 'redis', work, version: VERSION },
    ...digest.result(),
    differences: differences.result().count,
    finishedAtMs: nowMs(),
  });
