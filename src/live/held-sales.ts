/** The sales that the projector has folded: as many as there is memory for, the least used let go. */
import { LRUCache } from 'lru-cache';
import type { SnapshotStore, StreamLog } from '../commands/ports.ts';
import {
  restoreSale,
  type SaleEvent,
  type SaleState,
  saleDecider,
  saleStream,
} from '../domain/sale/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';

export type HeldSale = {
  state: SaleState;
  /** The revision that comes next; everything before it is in Redis. */
  next: bigint;
};

/** The log contradicts itself: what is true of this sale nobody can say. */
export class BrokenSaleError extends Error {
  override readonly name = 'BrokenSaleError';
}

export type HeldSales = {
  readonly get: (programId: ProgramId) => HeldSale | undefined;
  /** Once all of it is in Redis. */
  readonly keep: (programId: ProgramId, sale: HeldSale) => void;
  readonly drop: (programId: ProgramId) => void;
};

/** `maxPlaces` of all halls together; a place is about 200 bytes. */
export const createHeldSales = (maxPlaces: number): HeldSales => {
  const held = new LRUCache<ProgramId, HeldSale>({
    maxSize: maxPlaces,
    // A hall larger than all the room there is gets it all.
    sizeCalculation: (sale) => Math.min(maxPlaces, Math.max(1, placesIn(sale.state))),
  });
  return {
    get: (programId) => held.get(programId),
    keep: (programId, sale) => {
      if (held.peek(programId) !== sale) held.set(programId, sale);
    },
    drop: (programId) => {
      held.delete(programId);
    },
  };
};

/** From its snapshot, where that is of this log, or from nothing. Rejects as log and store of snapshots do. */
export const thawSale = async ({ snapshots, log }: ThawSaleDeps, programId: ProgramId): Promise<HeldSale> => {
  const stream = saleStream(programId);
  const snapshot = await snapshots.load(stream);
  const state = snapshot && restoreSale(snapshot.bytes, stream);
  const nothing = { state: saleDecider.initial(), next: 0n };
  if (snapshot === undefined || state === undefined) return nothing;
  const { revision } = snapshot;
  for await (const [first] of log.read(stream, revision)) {
    return first?.revision === revision ? { state, next: revision + 1n } : nothing;
  }
  // The log was set back: this is what came after its end.
  return nothing;
};

type ThawSaleDeps = {
  readonly snapshots: Pick<SnapshotStore, 'load'>;
  readonly log: Pick<StreamLog<SaleEvent>, 'read'>;
};

/** Throws BrokenSaleError where the event contradicts those before it. */
export const foldEvent = (sale: HeldSale, event: SaleEvent, revision: bigint): void => {
  try {
    sale.state = saleDecider.evolve(sale.state, event);
  } catch (cause) {
    throw new BrokenSaleError(`${event.type} at revision ${revision} cannot be: ${String(cause)}`, { cause });
  }
  sale.next = revision + 1n;
};

const placesIn = ({ book }: SaleState): number =>
  book?.capacity.reduce((sum, places) => sum + places, 0) ?? 0;
