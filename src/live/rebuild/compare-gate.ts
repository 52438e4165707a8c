/** The gate's counters, buyers and seat maps against the log: what a rebuild and a verification have in common. */
import type { ProgramId } from '../../domain/shared/ids.ts';
import { ANY_STOCK, createGate, createGateVersions, type Gate, programOfStock } from '../../gate/index.ts';
import { endOfLog } from '../../rebuild/log-pages.ts';
import type { RebuildProgress, WorkOptions } from '../../rebuild/rebuildable.ts';
import type { Tally } from '../../rebuild/tally.ts';
import { digestSale, GATE_PLACES } from './compare-sale.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { type Collected, collectDifferences } from './differences.ts';
import { createDigest, type Digest } from './digest.ts';
import { keysOf } from './keys-of.ts';
import { readSales, type SeenSales } from './log-of-sales.ts';
import { lookAtSale } from './look-at-sale.ts';
import type { ReadProgress } from './read-progress.ts';
import { foldedAt } from './sale-stream.ts';
import type { Swapping } from './swap-sale.ts';

const PATIENCE_MS = 2_000;

/** The log was read, and all that is live compared. */
export type Compared = {
  readonly until: bigint;
  readonly sales: SeenSales;
  readonly digest: Digest;
  readonly differences: Collected;
  readonly kept: readonly ProgramId[];
  readonly unwanted: readonly ProgramId[];
};

export type Working = Swapping & {
  readonly gate: Gate;
  readonly deps: RedisRebuildDeps;
  readonly options: WorkOptions;
  readonly patience: { leftMs: number };
};

export const workingOf = (deps: RedisRebuildDeps, options: WorkOptions): Working => {
  const { client, store, nowMs, sleep } = deps;
  return {
    ...{ deps, options, nowMs, sleep },
    patience: { leftMs: deps.patienceMs ?? PATIENCE_MS },
    reading: { store, signal: options.signal },
    versions: createGateVersions(client, nowMs),
    gate: createGate({ client, nowMs, onTrouble: () => undefined }),
  };
};

/** Goes on where `progress` says that the log was read up to. Rejects as `readSales` does. */
export const compareAll = async (working: Working, progress?: ReadProgress): Promise<Compared> => {
  const { deps, options, reading } = working;
  const until = await endOfLog(deps.store);
  const sales = await readSales(deps, until, options, progress);
  const { tally } = sales;
  const [digest, differences] = [createDigest(GATE_PLACES), collectDifferences()];
  const [kept, unwanted] = [[] as ProgramId[], [] as ProgramId[]];
  const look = async (programId: ProgramId, known: Parameters<typeof lookAtSale>[2]): Promise<void> => {
    options.signal.throwIfAborted();
    options.onProgress(progressOf('comparing', tally, until));
    const { count, first, sale, is } = await lookAtSale(working, programId, known);
    differences.add(first, count);
    if (sale !== undefined) sales.held.keep(programId, sale);
    if (is === 'kept') kept.push(programId);
    else if (is === 'unwanted') unwanted.push(programId);
  };
  for (const [programId, { lastRevision, isEnded, broken }] of sales.seen) {
    const isBroken = broken !== undefined;
    const isLive = !isEnded && !isBroken;
    const held = sales.held.get(programId);
    // As of `until`, before it is folded on: what is certified depends on the log alone.
    const sale = isLive ? await foldedAt(reading, programId, held, lastRevision) : held;
    if (isLive && sale?.state.book !== undefined)
      digestSale(digest, programId, sale.state.book, lastRevision);
    await look(programId, { sale, isEnded, isBroken });
  }
  // Counters of sales that the log does not know, or did not when it was read.
  const others = new Set<ProgramId>();
  for await (const keys of keysOf(deps.client, ANY_STOCK)) {
    for (const programId of keys.flatMap((key) => programOfStock(key) ?? [])) {
      if (!sales.seen.has(programId)) others.add(programId);
    }
  }
  for (const programId of others) {
    await look(programId, { sale: undefined, isEnded: false, isBroken: false });
  }
  return { until, sales, digest, differences, kept, unwanted };
};

export const progressOf = (
  phase: RebuildProgress['phase'],
  tally: Tally,
  until: bigint,
): RebuildProgress => ({
  ...{ phase, events: tally.events(), position: until, until },
});
