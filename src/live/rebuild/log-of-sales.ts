/**
 * Reads the whole log once and folds its sales on the way. Those for which there is no room are read again later, one at
 * a time, so that memory does not grow with the number of sales.
 */
import { programOfSaleStream } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { StoredEvent } from '../../eventstore/index.ts';
import { readLog } from '../../rebuild/log-pages.ts';
import type { WorkOptions } from '../../rebuild/rebuildable.ts';
import { createTally, type Tally } from '../../rebuild/tally.ts';
import { BrokenSaleError, createHeldSales, foldEvent, type HeldSales } from '../held-sales.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { SAVED_EVERY_PAGES } from './kept-read.ts';
import type { ReadProgress, SeenSale } from './read-progress.ts';
import { decodeSaleEvent, isBroken, newSale, saleEventTypes } from './sale-stream.ts';

const MAX_PLACES = 500_000;
export const OURSELVES = 'seatlog';
const handled = new Set(saleEventTypes);

export type SeenSales = {
  readonly tally: Tally;
  readonly seen: ReadonlyMap<ProgramId, SeenSale>;
  /** As far as there was room, and as it was read now and not before an interruption. */
  readonly held: HeldSales;
};

type Deps = Pick<RedisRebuildDeps, 'store' | 'nowMs' | 'maxPlaces' | 'pageMaxEvents'>;

/** Everything up to and including `until`, from where `progress` says that it was interrupted. Rejects as `readLog` does. */
export const readSales = async (
  { store, nowMs, maxPlaces = MAX_PLACES, pageMaxEvents }: Deps,
  until: bigint,
  { signal, onProgress }: WorkOptions,
  progress?: ReadProgress,
): Promise<SeenSales> => {
  const before = await progress?.load();
  const tally = createTally({ handles: saleEventTypes, startedAtMs: nowMs(), from: before?.tally });
  const seen = new Map<ProgramId, SeenSale>(before?.sales);
  const held = createHeldSales(maxPlaces);
  const reading = { after: tally.position(), until, signal, ...(pageMaxEvents && { pageMaxEvents }) };
  const tell = (position: bigint): void =>
    onProgress({ phase: 'reading', events: tally.events(), position, until });
  // Also where nothing is left to read.
  if (before !== undefined) tell(tally.position());
  let pages = 0;
  for await (const page of readLog(store, reading)) {
    tally.sees(page);
    for (const event of page.events) takeEvent(seen, held, tally, event);
    tell(page.position);
    pages += 1;
    if (pages % SAVED_EVERY_PAGES === 0) await progress?.save({ tally: tally.toJSON(), sales: seen });
  }
  await progress?.save({ tally: tally.toJSON(), sales: seen });
  return { tally, seen, held };
};

const takeEvent = (
  seen: Map<ProgramId, SeenSale>,
  held: HeldSales,
  tally: Tally,
  stored: StoredEvent,
): void => {
  const programId = programOfSaleStream(stored.stream);
  const skip = (reason: string): void => {
    if (handled.has(stored.type)) tally.skipped(skipOf(stored, reason));
  };
  if (programId === undefined) skip('It is not in the stream of a sale.');
  if (programId === undefined || stored.type.startsWith('$')) return;
  const sale = seen.get(programId) ?? { lastRevision: -1n, isEnded: false };
  seen.set(programId, sale);
  sale.lastRevision = stored.revision;
  try {
    if (sale.broken !== undefined) throw new BrokenSaleError(sale.broken);
    fold(held, programId, stored);
    if (stored.type === 'SaleEnded') sale.isEnded = true;
    tally.applied(stored.type);
  } catch (error) {
    if (!isBroken(error)) throw error;
    sale.broken = error.message;
    held.drop(programId);
    skip(error.message);
  }
};

/** One that was let go of stays so: read in its turn, it takes no room from another. */
const fold = (held: HeldSales, programId: ProgramId, stored: StoredEvent): void => {
  const event = decodeSaleEvent(stored);
  const sale = held.get(programId) ?? (stored.revision === 0n ? newSale() : undefined);
  if (sale === undefined) return;
  foldEvent(sale, event, stored.revision);
  held.keep(programId, sale);
};

export const skipOf = ({ position, type }: StoredEvent, reason: string) => ({
  ...{ position: position.toString(), type, reason, actor: OURSELVES },
});
