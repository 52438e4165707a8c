/**
 * Which seat somebody means: as it is said (`B-12`), with section or category in front (`stalls/B/12`), or by its
 * number in the layout.
 */
import type { NamedSeat, SeatNames } from '../domain/sale/index.ts';
import type { Hall } from './hall.ts';

export type MeantSeats = {
  /** None: no such seat. Several: somebody has to say more. */
  readonly seats: readonly NamedSeat[];
  /** There are more than these. */
  readonly more: boolean;
};

/** Nobody reads a longer list of what could be meant. */
const MAX_CANDIDATES = 50;

/** Cost grows with the hall. */
export const seatsMeant = ({ terms, seats }: Hall, text: string): MeantSeats => {
  if (/^\d{1,6}$/.test(text)) return byNumber(seats, Number(text));
  const wanted = normal(text);
  const found: NamedSeat[] = [];
  for (const { id } of terms.layout) {
    for (const seat of seats.seatsOf(id)) {
      if (!waysToSay(seat).some((way) => normal(way) === wanted)) continue;
      if (found.length === MAX_CANDIDATES) return { seats: found, more: true };
      found.push(seat);
    }
  }
  return { seats: found, more: false };
};

const byNumber = (seats: SeatNames, number: number): MeantSeats => {
  const seat = number < seats.seatCount ? seats.nameOf(number) : undefined;
  return { seats: seat === undefined ? [] : [seat], more: false };
};

/** Dashes, slashes and blanks are one to people; so are large and small letters. */
const normal = (text: string): string =>
  text
    .trim()
    .replaceAll(/[\s/-]+/g, '/')
    .toLowerCase();

const waysToSay = ({ category, section, row, seat }: NamedSeat): readonly string[] => [
  `${row}/${seat}`,
  `${row}${seat}`,
  `${section}/${row}/${seat}`,
  `${category}/${row}/${seat}`,
  `${category}/${section}/${row}/${seat}`,
];
