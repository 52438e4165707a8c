/** Who has which place, event by event: one owner for each seat, and two counts for each category. */
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import { BLOCKED, type Hall } from './hall.ts';
import type { Place } from './stored-format.ts';

export type Stock = {
  readonly categoryId: string;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
};

export type SeatStatus = 'free' | 'held' | 'sold' | 'blocked';

/** Whoever has a seat, and since which event. */
export type Owner = { readonly name: string; readonly since: EventRef };

/** `by` is the event that says so. */
export type Places = {
  /** From nobody to the owner, held. */
  readonly take: (owner: Owner, places: readonly Place[], by: EventRef) => void;
  /** From the owner to nobody. */
  readonly free: (owner: string, places: readonly Place[], from: 'held' | 'sold', by: EventRef) => void;
  /** From one owner to another, still held. */
  readonly hand: (from: string, to: Owner, places: readonly Place[], by: EventRef) => void;
  readonly sell: (owner: string, places: readonly Place[], by: EventRef) => void;
  readonly stock: () => readonly Stock[];
  /** By seat number; undefined where the hall has no such seat. */
  readonly statusOf: (seat: number) => SeatStatus | undefined;
};

export function createPlaces({ categories, categoryOfSeat }: Hall, findings: Findings): Places {
  const owners: (Owner | undefined)[] = Array.from(categoryOfSeat, () => undefined);
  const isSold = new Uint8Array(categoryOfSeat.length);
  const counts = categories.map(() => ({ held: 0, sold: 0 }));
  const nowhere = { held: 0, sold: 0 };
  const countsOf = (category: number) => counts[category] ?? nowhere;

  const claim = (owner: Owner, [category, seat]: Place, by: EventRef): void => {
    const isThere = seat === null ? category < counts.length : categoryOfSeat[seat] === category;
    if (!isThere) {
      findings.broken('seat_not_for_sale', `${nameOf(seat)} is not sold in category ${category}`, by);
    }
    if (seat === null) return;
    const before = owners[seat];
    if (before !== undefined) {
      const text = `seat ${seat} went to ${owner.name} while it was ${before.name}'s`;
      findings.broken('seat_has_two_owners', text, before.since, by);
    }
    owners[seat] = owner;
  };
  const disclaim = (owner: string, [, seat]: Place, by: EventRef): void => {
    if (seat === null) return;
    const before = owners[seat];
    if (before?.name !== owner) {
      const text = `${owner} gives up seat ${seat}, which is ${before?.name ?? 'nobody'}'s`;
      findings.broken('not_the_owner', text, before?.since, by);
      return;
    }
    owners[seat] = undefined;
    isSold[seat] = 0;
  };
  const settle = (places: readonly Place[], by: EventRef): void => {
    for (const index of new Set(places.map(([category]) => category))) {
      const { id = `category ${index}`, capacity = 0 } = categories[index] ?? {};
      const { held, sold } = countsOf(index);
      if (held + sold <= capacity && held >= 0 && sold >= 0) continue;
      findings.broken('category_oversold', `${id} has ${held} held and ${sold} sold of ${capacity}`, by);
    }
  };
  return {
    take: (owner, places, by) => {
      for (const place of places) {
        claim(owner, place, by);
        countsOf(place[0]).held += 1;
      }
      settle(places, by);
    },
    free: (owner, places, from, by) => {
      for (const place of places) {
        disclaim(owner, place, by);
        countsOf(place[0])[from] -= 1;
      }
      settle(places, by);
    },
    hand: (from, to, places, by) => {
      for (const place of places) disclaim(from, place, by);
      for (const place of places) claim(to, place, by);
    },
    sell: (owner, places, by) => {
      for (const [category, seat] of places) {
        const before = seat === null ? undefined : owners[seat];
        if (seat !== null && before?.name !== owner) {
          const text = `${owner} paid for seat ${seat}, which is ${before?.name ?? 'nobody'}'s`;
          findings.broken('not_the_owner', text, before?.since, by);
        }
        if (seat !== null) isSold[seat] = 1;
        countsOf(category).held -= 1;
        countsOf(category).sold += 1;
      }
      settle(places, by);
    },
    stock: () =>
      categories.map(({ id, capacity }, index) => ({ categoryId: id, capacity, ...countsOf(index) })),
    statusOf: (seat) => {
      if (categoryOfSeat[seat] === undefined) return undefined;
      if (isSold[seat] === 1) return 'sold';
      if (owners[seat] !== undefined) return 'held';
      return categoryOfSeat[seat] === BLOCKED ? 'blocked' : 'free';
    },
  };
}

const nameOf = (seat: number | null): string => (seat === null ? 'a place without a seat' : `seat ${seat}`);
