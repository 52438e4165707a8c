/** Who had a seat, from when to when, and why it was free again: from the sale's stream alone. */
import { saleStream } from '../domain/sale/index.ts';
import type { ProgramId, UserId } from '../domain/shared/ids.ts';
import type { Ownership, PlaceAnswer, SeatAudit } from './answers.ts';
import { asOfAnswer } from './as-of.ts';
import { findHall, type Hall, placeOf, whyNoHall } from './hall.ts';
import { type AuditLog, type LogEvent, type LogPage, untilPast } from './log.ts';
import { isBy, type Moment } from './moment.ts';
import { createOwners } from './seat-owners.ts';
import { seatsMeant } from './seat-text.ts';

export type SeatQuestion = {
  readonly programId: ProgramId;
  /** As people say it; see `seatsMeant`. */
  readonly seat: string;
  readonly at?: Moment | undefined;
};

export type SeatAnswer =
  | { readonly kind: 'seat'; readonly audit: SeatAudit }
  | { readonly kind: 'refused'; readonly code: 'program_not_found' | 'sale_not_open' | 'unknown_seat' }
  /** Several seats are called that. */
  | {
      readonly kind: 'refused';
      readonly code: 'seat_ambiguous';
      readonly seats: readonly PlaceAnswer[];
      readonly more: boolean;
    };

type Deps = { readonly log: AuditLog; readonly signal?: AbortSignal | undefined };

/** Rejects with what the log rejects with, and with the reason of the signal. */
export const auditSeat = async (deps: Deps, { programId, seat, at }: SeatQuestion): Promise<SeatAnswer> => {
  const hall = await findHall(deps.log, programId);
  if (hall === undefined) return { kind: 'refused', code: await whyNoHall(deps.log, programId) };
  const meant = seatsMeant(hall, seat);
  const [found, another] = meant.seats;
  if (found === undefined) return { kind: 'refused', code: 'unknown_seat' };
  if (another !== undefined) {
    const seats = meant.seats.map((one) => placeOfSeat(hall, one.number, one.category));
    return { kind: 'refused', code: 'seat_ambiguous', seats, more: meant.more };
  }
  const told = await tellOf(deps, programId, found.number, at);
  const open = told.ownerships.at(-1);
  const audit: SeatAudit = {
    programId,
    place: placeOfSeat(hall, found.number, found.category),
    kind: found.kind,
    asOf: asOfAnswer(at, told.last),
    owner: open !== undefined && open.until === null ? open : null,
    ownerships: told.ownerships,
    unreadable: told.unreadable,
  };
  return { kind: 'seat', audit };
};

const placeOfSeat = (hall: Hall, number: number, category: string): PlaceAnswer =>
  placeOf(hall, [hall.terms.layout.findIndex(({ id }) => id === category), number]);

type Told = {
  readonly ownerships: Ownership[];
  readonly last: LogEvent | undefined;
  readonly unreadable: string[];
};

const tellOf = async (
  deps: Deps,
  programId: ProgramId,
  seat: number,
  at: Moment | undefined,
): Promise<Told> => {
  const owners = createOwners(seat);
  const unreadable: string[] = [];
  let last: LogEvent | undefined;
  for await (const page of pagesOf(deps, programId, at)) {
    unreadable.push(...page.unreadable);
    for (const event of page.events) {
      if (!isBy(at, event)) continue;
      last = event;
      owners.take(event);
    }
  }
  const missing = owners.withoutBuyer();
  if (missing.size > 0) await findBuyers(pagesOf(deps, programId, at), missing, owners.setBuyer);
  return { ownerships: owners.list(), last, unreadable };
};

const pagesOf = (
  { log, signal }: Deps,
  programId: ProgramId,
  at: Moment | undefined,
): AsyncIterable<LogPage> => untilPast(log.read(saleStream(programId)), (place) => isBy(at, place), signal);

/** A second look, for orders that came to this seat from another one: rare, and the first would have to keep all. */
const findBuyers = async (
  pages: AsyncIterable<LogPage>,
  orders: ReadonlySet<string>,
  setBuyer: (orderNumber: string, buyer: UserId) => void,
): Promise<void> => {
  for await (const { events } of pages) {
    for (const { type, data } of events) {
      if (type === 'OrderPlaced' && orders.has(data.orderNumber)) setBuyer(data.orderNumber, data.buyer);
    }
  }
};
