/** A sale as its stream has it, up to a revision: without snapshots, which could be what is wrong. */
import {
  SALE_CATEGORY,
  type SaleEvent,
  type SaleState,
  saleDecider,
  saleEventSpecs,
} from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import {
  CorruptEventError,
  createCodec,
  type EventStore,
  type StoredEvent,
  streamName,
} from '../../eventstore/index.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import { BrokenSaleError, foldEvent, type HeldSale } from '../held-sales.ts';

const codec = createCodec(saleEventSpecs);
export const saleEventTypes: readonly string[] = codec.types;
/** Beyond every revision. */
export const END = 2n ** 63n;

export type SaleReading = { readonly store: Pick<EventStore, 'read'>; readonly signal: AbortSignal };

/** Before the event is folded: `state` is the sale as it was until then. */
export type OnSaleEvent = (state: SaleState, event: SaleEvent, stored: StoredEvent) => void;

export const newSale = (): HeldSale => ({ state: saleDecider.initial(), next: 0n });

/** Throws where the event is none of a sale, or not what its type says. */
export const decodeSaleEvent = (stored: StoredEvent): SaleEvent => {
  const decoded = codec.decode(stored);
  if (decoded.kind === 'event') return decoded.event;
  throw new BrokenSaleError(`${stored.type} at revision ${stored.revision} is not known to this release.`);
};

/** Nobody can say what is true of the sale. */
export const isBroken = (error: unknown): error is Error =>
  error instanceof BrokenSaleError || error instanceof CorruptEventError;

/**
 * Changes `sale`, which then has all events up to and including `until`, or all there are. Rejects with the signal's
 * reason, where the sale is broken, and with what the store rejects with.
 */
export const foldOn = async (
  { store, signal }: SaleReading,
  programId: ProgramId,
  sale: HeldSale,
  until: bigint,
  onEvent?: OnSaleEvent,
): Promise<void> => {
  if (sale.next > until) return;
  for await (const page of store.read(streamName(SALE_CATEGORY, programId), sale.next)) {
    signal.throwIfAborted();
    for (const stored of page) {
      if (stored.revision > until) return;
      if (stored.revision !== sale.next) throw missing(programId, sale.next);
      const event = decodeSaleEvent(stored);
      onEvent?.(sale.state, event, stored);
      foldEvent(sale, event, stored.revision);
    }
  }
};

/** A sale cannot be folded back: what has seen too much is folded anew. */
export const foldedAt = async (
  reading: SaleReading,
  programId: ProgramId,
  sale: HeldSale | undefined,
  revision: bigint,
): Promise<HeldSale> => {
  const from = sale !== undefined && sale.next <= revision + 1n ? sale : newSale();
  await foldOn(reading, programId, from, revision);
  return from;
};

const missing = (programId: ProgramId, revision: bigint): RebuildError =>
  new RebuildError('log_has_a_gap', `Revision ${revision} of the sale of ${programId} is not in the log.`);
