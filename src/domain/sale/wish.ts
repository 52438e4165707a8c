/**
 * What a buyer asked for, in one text for each wish. Events keep a fingerprint of it, so that a repetition is told
 * from another request; and so the wish behind an event can be found again among those that could have led to it.
 */
import type { PlaceOrder, WantedPlaces } from './commands.ts';
import type { Place, SaleEventOf, SaleTerms } from './events.ts';
import { fingerprintOf } from './keys.ts';

/** The same wish in the same words, whatever object it came in. */
export function wishText(want: WantedPlaces): string {
  if (want.by === 'seats') return JSON.stringify(want.seats);
  return JSON.stringify([want.category, want.count, want.accessible === true, want.allowSplit !== false]);
}

/** What makes two requests the same, whatever their numbers. */
export function contentText({ want, ticketUsers }: Pick<PlaceOrder, 'want' | 'ticketUsers'>): string {
  const wish = want.by === 'hold' ? want.holdToken : wishText(want);
  return JSON.stringify([wish, ticketUsers.map(({ ticketUser, idDocument }) => [ticketUser, idDocument])]);
}

/** What a hold was asked for; undefined when nothing that could have led to it has its fingerprint. */
export function wishOfHold(
  { places, content }: SaleEventOf<'SeatsHeld'>,
  terms: Pick<SaleTerms, 'layout'>,
): WantedPlaces | undefined {
  return possibleWishes(places, terms).find((want) => fingerprintOf(wishText(want)) === content);
}

/** As `wishOfHold`, of an order. */
export function wishOfOrder(
  { tickets, content, holdToken }: SaleEventOf<'OrderPlaced'>,
  terms: Pick<SaleTerms, 'layout'>,
): PlaceOrder['want'] | undefined {
  if (holdToken !== undefined) return { by: 'hold', holdToken };
  const places = tickets.map(({ category, seat }): Place => [category, seat]);
  return possibleWishes(places, terms).find(
    (want) => fingerprintOf(contentText({ want, ticketUsers: tickets })) === content,
  );
}

/** These seats in this order; or so many of their category, in each of the ways there are to ask for them. */
function possibleWishes(places: readonly Place[], { layout }: Pick<SaleTerms, 'layout'>): WantedPlaces[] {
  const seats = places.flatMap(([, seat]) => (seat === null ? [] : [seat]));
  const wishes: WantedPlaces[] = seats.length === places.length ? [{ by: 'seats', seats }] : [];
  const [first, ...others] = places.map(([category]) => category);
  const category = layout[first ?? -1]?.id;
  if (category === undefined || others.some((other) => other !== first)) return wishes;
  for (const accessible of [false, true]) {
    for (const allowSplit of [true, false]) {
      wishes.push({ by: 'category', category, count: places.length, accessible, allowSplit });
    }
  }
  return wishes;
}
