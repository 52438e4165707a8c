/**
 * Who has which place, folded from the log by plain maps. It shares no code with the sale that decides,
 * so that a mistake in the one does not hide itself in the other.
 */
import { createSeatNames, type Place, type SaleTerms } from '../../domain/sale/index.ts';
import type { Findings } from './findings.ts';

export type Stock = {
  readonly categoryId: string;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
};

/** `how` names owner and event, for the finding. */
export type Places = {
  /** From nobody to the owner, held. */
  readonly take: (owner: string, places: readonly Place[], how: string) => void;
  /** From the owner to nobody. */
  readonly free: (owner: string, places: readonly Place[], from: 'held' | 'sold', how: string) => void;
  /** From one owner to another, still held. */
  readonly hand: (from: string, to: string, places: readonly Place[], how: string) => void;
  readonly sell: (owner: string, places: readonly Place[], how: string) => void;
  readonly stock: () => readonly Stock[];
  /** By seat number; undefined where the hall has no such seat. */
  readonly statusOf: (seat: number) => SeatStatus | undefined;
};

export type SeatStatus = 'free' | 'held' | 'sold' | 'blocked';

type Category = { readonly id: string; readonly capacity: number; held: number; sold: number };

export function createPlaces(terms: SaleTerms, findings: Findings): Places {
  const { categories, categoryOfSeat, seatCount } = readHall(terms);
  const owners = new Map<number, string>();
  const soldSeats = new Set<number>();
  const wrong = (text: string) => findings.broken('seats', text);
  const unknown: Category = { id: '?', capacity: 0, held: 0, sold: 0 };
  const categoryOf = (index: number): Category => categories[index] ?? unknown;

  const claim = (owner: string, [category, seat]: Place, how: string): void => {
    if (seat === null) return;
    const before = owners.get(seat);
    if (before !== undefined) wrong(`seat ${seat} went to ${owner} while it was ${before}'s (${how})`);
    if (categoryOfSeat.get(seat) !== category)
      wrong(`seat ${seat} is not sold in category ${category} (${how})`);
    owners.set(seat, owner);
  };
  const disclaim = (owner: string, [, seat]: Place, how: string): void => {
    if (seat === null) return;
    const before = owners.get(seat);
    soldSeats.delete(seat);
    if (before === owner) owners.delete(seat);
    else wrong(`${owner} gave back seat ${seat}, which is ${before ?? 'nobody'}'s (${how})`);
  };
  const settle = (places: readonly Place[], how: string): void => {
    for (const index of new Set(places.map(([category]) => category))) {
      const { id, capacity, held, sold } = categoryOf(index);
      if (held + sold > capacity) wrong(`${id} has ${held} held and ${sold} sold of ${capacity} (${how})`);
      if (held < 0 || sold < 0) wrong(`${id} has ${held} held and ${sold} sold (${how})`);
    }
  };
  return {
    take: (owner, places, how) => {
      for (const place of places) {
        claim(owner, place, how);
        categoryOf(place[0]).held += 1;
      }
      settle(places, how);
    },
    free: (owner, places, from, how) => {
      for (const place of places) {
        disclaim(owner, place, how);
        categoryOf(place[0])[from] -= 1;
      }
      settle(places, how);
    },
    hand: (from, to, places, how) => {
      for (const place of places) disclaim(from, place, how);
      for (const place of places) claim(to, place, how);
    },
    sell: (owner, places, how) => {
      for (const place of places) {
        const [category, seat] = place;
        if (seat !== null && owners.get(seat) !== owner) {
          wrong(`${owner} paid for seat ${seat}, which is ${owners.get(seat) ?? 'nobody'}'s (${how})`);
        }
        if (seat !== null) soldSeats.add(seat);
        categoryOf(category).held -= 1;
        categoryOf(category).sold += 1;
      }
      settle(places, how);
    },
    stock: () => categories.map(({ id, capacity, held, sold }) => ({ categoryId: id, capacity, held, sold })),
    statusOf: (seat) => {
      if (soldSeats.has(seat)) return 'sold';
      if (owners.has(seat)) return 'held';
      if (categoryOfSeat.has(seat)) return 'free';
      return seat < seatCount ? 'blocked' : undefined;
    },
  };
}

/** Blocked seats are nobody's to have. */
function readHall({ layout }: SaleTerms) {
  const names = createSeatNames(layout);
  const categoryOfSeat = new Map<number, number>();
  const categories = layout.map((category, index): Category => {
    let capacity = category.kind === 'general' ? category.capacity : 0;
    for (const seat of names.seatsOf(category.id)) {
      if (seat.kind === 'blocked') continue;
      categoryOfSeat.set(seat.number, index);
      capacity += 1;
    }
    return { id: category.id, capacity, held: 0, sold: 0 };
  });
  return { categories, categoryOfSeat, seatCount: names.seatCount };
}
