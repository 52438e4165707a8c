/**
 * What a sale's seat numbers are called: layouts come from SaleStarted, and those in use are kept expanded.
 */
import { LRUCache } from 'lru-cache';
import { createSeatNames, type Layout, type SaleEvent, type SeatNames } from '../../domain/sale/index.ts';
import type { CategoryId, ProgramId } from '../../domain/shared/ids.ts';
import type { Currency } from '../../domain/shared/money.ts';
import type { Db } from '../database.ts';
import type { SaleRow } from './table.ts';

/** A hall of 100,000 seats weighs a few hundred kilobytes here. */
const MAX_HALLS = 64;

export type Hall = {
  readonly currency: Currency;
  /** By their places in the layout. */
  readonly categories: readonly CategoryId[];
  readonly seats: SeatNames;
};

export type Halls = {
  /** The function answers for these programs, and throws for one that has no sale. */
  readonly of: (db: Db, programs: readonly ProgramId[]) => Promise<(program: ProgramId) => Hall>;
};

export type SaleStarted = Extract<SaleEvent, { readonly type: 'SaleStarted' }>;

/** The layouts among these events, for the table that `createHalls` reads. */
export const hallRows = (events: readonly (SaleStarted | { readonly type: string })[]): SaleRow[] =>
  events.filter(isSaleStarted).map(({ data: { programId, currency, layout } }) => ({
    program_id: programId,
    currency,
    layout,
  }));

const isSaleStarted = (event: SaleStarted | { readonly type: string }): event is SaleStarted =>
  event.type === 'SaleStarted';

/** `table` is where a projection keeps the layouts for itself. */
export const createHalls = (table: 'sale' | 'ticket_hall'): Halls => {
  const cache = new LRUCache<ProgramId, Hall>({ max: MAX_HALLS });
  return {
    of: async (db, programs) => {
      const halls = new Map<ProgramId, Hall>();
      const missing: ProgramId[] = [];
      for (const program of programs) {
        const hall = cache.get(program);
        if (hall === undefined) missing.push(program);
        else halls.set(program, hall);
      }
      for (const row of await saleRows(db, table, missing)) {
        const hall = hallOf(row);
        cache.set(row.program_id, hall);
        halls.set(row.program_id, hall);
      }
      return (program) => {
        const hall = halls.get(program);
        if (hall === undefined) throw new Error(`The sale of program ${program} has not started.`);
        return hall;
      };
    },
  };
};

const saleRows = async (
  db: Db,
  table: 'sale' | 'ticket_hall',
  programs: readonly ProgramId[],
): Promise<readonly SaleRow[]> =>
  programs.length === 0 ? [] : db.selectFrom(table).selectAll().where('program_id', 'in', programs).execute();

const hallOf = ({ currency, layout }: { currency: Currency; layout: Layout }): Hall => ({
  currency,
  categories: layout.map(({ id }) => id),
  seats: createSeatNames(layout),
});
