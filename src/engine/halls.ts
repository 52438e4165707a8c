/**
 * What never changes about a sale once it has started: its terms and the names of its seats. Kept in this process,
 * so that an order for a program that nobody sells costs no append, and one that somebody sells no read.
 */
import { LRUCache } from 'lru-cache';
import { createSeatNames, type SaleTerms, type SeatNames } from '../domain/sale/index.ts';
import type { CategoryId, ProgramId } from '../domain/shared/ids.ts';

const MAX_HALLS = 500;
const MAX_UNKNOWN = 10_000;
/** A sale that starts is seen by everybody after this long at the latest. */
const UNKNOWN_FOR_MS = 1_000;

/** The seats of a category stand together. */
export type SeatRange = { readonly firstSeat: number; readonly seatCount: number };

export type Hall = {
  readonly terms: SaleTerms;
  readonly names: SeatNames;
  /** General admission has none. */
  readonly seatsOf: ReadonlyMap<CategoryId, SeatRange>;
};

export type Halls = {
  /** Undefined before the sale has started. Rejects with what the log rejects with. */
  readonly of: (programId: ProgramId) => Promise<Hall | undefined>;
};

/** `termsOf` reads the log. */
export const createHalls = (
  termsOf: (programId: ProgramId) => Promise<SaleTerms | undefined>,
  nowMs: () => number,
): Halls => {
  const unknown = new LRUCache<ProgramId, number>({ max: MAX_UNKNOWN });
  const halls = new LRUCache<ProgramId, Hall>({
    max: MAX_HALLS,
    // One read for all that ask at the same time.
    fetchMethod: async (programId) => {
      const terms = await termsOf(programId);
      if (terms !== undefined) return hallOf(terms);
      unknown.set(programId, nowMs() + UNKNOWN_FOR_MS);
      return undefined;
    },
  });
  return {
    of: async (programId) => {
      const known = halls.get(programId);
      if (known !== undefined) return known;
      return (unknown.get(programId) ?? 0) > nowMs() ? undefined : halls.fetch(programId);
    },
  };
};

const hallOf = (terms: SaleTerms): Hall => {
  const names = createSeatNames(terms.layout);
  const seatsOf = new Map<CategoryId, SeatRange>();
  for (const { id } of terms.layout) {
    const numbers = [...names.seatsOf(id)].map(({ number }) => number);
    const [firstSeat] = numbers;
    if (firstSeat !== undefined) seatsOf.set(id, { firstSeat, seatCount: numbers.length });
  }
  return { terms, names, seatsOf };
};
