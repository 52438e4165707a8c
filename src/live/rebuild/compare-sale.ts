/** One sale as it follows from the log, and the same one in Redis at the same revision: place by place. */
import type { OrderBook } from '../../domain/sale/book.ts';
import { createSeatNames } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { type GateCopy, nameOf, type Refill, type SeatStatus, seatStatus } from '../../gate/index.ts';
import type { Difference } from '../../rebuild/rebuildable.ts';
import { refillOf } from '../sale-in-redis.ts';
import type { Digest } from './digest.ts';

/** What a difference is about, to find the events that made it. */
export type About =
  | { readonly kind: 'sale' }
  | { readonly kind: 'category'; readonly category: number }
  | { readonly kind: 'buyer'; readonly name: string }
  | { readonly kind: 'seat'; readonly seat: number }
  | { readonly kind: 'request'; readonly name: string };

export type Found = Omit<Difference, 'positions'> & { readonly about: About };
export type OnFound = (found: Found) => void;

export const GATE_PLACES = ['limit', 'stock', 'buyers', 'seats'] as const;

const SEATS_PER_BYTE = 4;
const statusNames = Object.keys(seatStatus) as (keyof typeof seatStatus)[];

/** `live` and `book` are of one revision. Rejects when Redis fails. */
export const compareSale = async (
  programId: ProgramId,
  book: OrderBook,
  live: GateCopy,
  onFound: OnFound,
): Promise<void> => {
  const expected = refillOf(programId, book, live.revision);
  if (live.limit !== String(expected.limitPerBuyer)) {
    const [is, wanted] = [countOf(live.limit), expected.limitPerBuyer];
    onFound({ place: 'limit', key: programId, live: is, expected: wanted, about: { kind: 'sale' } });
  }
  compareStock(book, expected, live, onFound);
  await compareBuyers(expected, live, onFound);
  compareSeats(book, expected, live, onFound);
};

const compareStock = (
  book: OrderBook,
  expected: Required<Refill>,
  live: GateCopy,
  onFound: OnFound,
): void => {
  const { programId, categories } = expected;
  const common = { place: 'stock' };
  for (const { category, places } of categories) {
    const is = live.projected.get(category);
    if (is === places) continue;
    const key = `${programId} ${book.terms.layout[category]?.id ?? category}`;
    const about = { kind: 'category', category } as const;
    onFound({ ...common, key, live: Number.isNaN(is) ? null : (is ?? null), expected: places, about });
  }
  for (const [category, is] of live.projected) {
    if (category < categories.length) continue;
    const key = `${programId} category ${category}`;
    onFound({ ...common, key, live: is, expected: null, about: { kind: 'sale' } });
  }
};

const compareBuyers = async (
  { programId, buyers }: Required<Refill>,
  live: GateCopy,
  onFound: OnFound,
): Promise<void> => {
  const expected = new Map(buyers.map(({ buyer, places }) => [nameOf(buyer), places]));
  const met = new Set<string>();
  const differs = (name: string, is: number | string | null, wanted: number | null): void =>
    onFound({
      ...{ place: 'buyers', key: `${programId} ${name}`, live: is, expected: wanted },
      about: { kind: 'buyer', name },
    });
  for await (const some of live.buyers) {
    for (const [name, places] of some) {
      if (met.has(name)) continue;
      met.add(name);
      const wanted = expected.get(name);
      if (wanted === undefined || places !== String(wanted)) differs(name, countOf(places), wanted ?? null);
    }
  }
  for (const [name, places] of expected) if (!met.has(name)) differs(name, null, places);
};

const compareSeats = (
  book: OrderBook,
  expected: Required<Refill>,
  live: GateCopy,
  onFound: OnFound,
): void => {
  const { programId, seats } = expected;
  const common = { place: 'seats' };
  if (live.seats.length !== seats.length) {
    const key = `${programId} bytes`;
    onFound({ ...common, key, live: live.seats.length, expected: seats.length, about: { kind: 'sale' } });
  }
  const names = createSeatNames(book.terms.layout);
  for (let byte = 0; byte < Math.min(seats.length, live.seats.length); byte += 1) {
    if (seats[byte] === live.seats[byte]) continue;
    for (let seat = byte * SEATS_PER_BYTE; seat < (byte + 1) * SEATS_PER_BYTE; seat += 1) {
      const [is, wanted] = [statusIn(live.seats, seat), statusIn(seats, seat)];
      if (is === wanted) continue;
      const key = `${programId} seat ${seat}${named(names.nameOf(seat))}`;
      const about = { kind: 'seat', seat } as const;
      onFound({ ...common, key, live: statusNames[is], expected: statusNames[wanted], about });
    }
  }
};

const named = (name: { section: string; row: string; seat: string } | undefined): string =>
  name === undefined ? '' : ` (${name.section}, row ${name.row}, seat ${name.seat})`;

const statusIn = (seats: Uint8Array, seat: number): SeatStatus => {
  const bits = ((seats[Math.floor(seat / SEATS_PER_BYTE)] ?? 0) >> (2 * (seat % SEATS_PER_BYTE))) & 3;
  return bits as SeatStatus;
};

/** A number where it is one: what somebody wrote by hand may be anything. */
const countOf = (text: string): number | string | null => {
  if (text === '') return null;
  return /^-?\d+$/.test(text) ? Number(text) : text;
};

/** What Redis is to say of the sale, as rows. */
export const digestSale = (digest: Digest, programId: ProgramId, book: OrderBook, revision: bigint): void => {
  const { limitPerBuyer, categories, buyers, seats } = refillOf(programId, book, revision);
  digest.add('limit', `${programId} ${revision} ${limitPerBuyer}`);
  for (const { category, places } of categories) digest.add('stock', `${programId} ${category} ${places}`);
  for (const { buyer, places } of buyers) digest.add('buyers', `${programId} ${nameOf(buyer)} ${places}`);
  if (seats.length > 0) digest.add('seats', `${programId} ${Buffer.from(seats).toString('hex')}`);
};
