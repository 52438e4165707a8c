/** Finds the places that a buyer wants, or says why there are none. Nothing is taken here. */
import type { OrderBook } from './book.ts';
import type { Refused, WantedPlaces } from './commands.ts';
import type { Place, Togetherness } from './events.ts';
import { refused } from './outcomes.ts';
import { type SeatPolicy, togethernessOf } from './seat-choice.ts';
import { isFree } from './seating.ts';

export type FoundPlaces = {
  readonly kind: 'found';
  readonly places: readonly Place[];
  readonly together: Togetherness;
};

type NamedSeats = Extract<WantedPlaces, { readonly by: 'seats' }>;
type BestOfCategory = Extract<WantedPlaces, { readonly by: 'category' }>;

/** A refusal when what is wanted makes no sense here, whatever is free. */
export function senselessWish(book: OrderBook, want: WantedPlaces): Refused | undefined {
  if (want.by === 'category') {
    return categoryIndex(book, want) === -1 ? refused('unknown_category') : undefined;
  }
  const { seatCount } = book.seating.plan;
  if (want.seats.some((seat) => !Number.isInteger(seat) || seat < 0 || seat >= seatCount)) {
    return refused('unknown_seat');
  }
  return new Set(want.seats).size < want.seats.length ? refused('seat_repeated') : undefined;
}

export function countWanted(want: WantedPlaces): number {
  return want.by === 'category' ? want.count : want.seats.length;
}

/** For a wish that makes sense, of at least one and at most `MAX_TICKETS_PER_ORDER` places. */
export function findPlaces(book: OrderBook, want: WantedPlaces, choose: SeatPolicy): FoundPlaces | Refused {
  return want.by === 'category' ? bestOfCategory(book, want, choose) : namedSeats(book, want);
}

function namedSeats(book: OrderBook, { seats }: NamedSeats): FoundPlaces | Refused {
  const { seating } = book;
  if (!seats.every((seat) => isFree(seating, seat))) return refused('seats_unavailable');
  const places = seats.map((seat): Place => [poolOfSeat(book, seat) >> 1, seat]);
  return { kind: 'found', places, together: togethernessOf(seating, seats) };
}

function bestOfCategory(book: OrderBook, want: BestOfCategory, choose: SeatPolicy): FoundPlaces | Refused {
  const category = categoryIndex(book, want);
  if (book.terms.layout[category]?.kind === 'general') return generalPlaces(book, category, want.count);
  const pool = 2 * category + (want.accessible === true ? 1 : 0);
  const choice = choose(book.seating, pool, want.count, want.allowSplit !== false);
  switch (choice.kind) {
    case 'chosen':
      return {
        kind: 'found',
        places: choice.seats.map((seat): Place => [category, seat]),
        together: choice.together,
      };
    case 'sold_out':
      return { kind: 'refused', code: 'sold_out', left: book.seating.free[pool] ?? 0 };
    case 'not_together':
      return refused('not_together');
  }
}

export function generalPlaces(book: OrderBook, category: number, count: number): FoundPlaces | Refused {
  const left = (book.capacity[category] ?? 0) - (book.held[category] ?? 0) - (book.sold[category] ?? 0);
  if (left < count) return { kind: 'refused', code: 'sold_out', left };
  const places = Array.from({ length: count }, (): Place => [category, null]);
  return { kind: 'found', places, together: 'unseated' };
}

/** Which seats are given like this one: twice its category, and one more when it is accessible. */
export function poolOfSeat(book: OrderBook, seat: number): number {
  const { blockOfSeat, blocks } = book.seating.plan;
  return blocks.pool[blockOfSeat[seat] ?? -1] ?? -1;
}

function categoryIndex(book: OrderBook, want: BestOfCategory): number {
  return book.terms.layout.findIndex((category) => category.id === want.category);
}
