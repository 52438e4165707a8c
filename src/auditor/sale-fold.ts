/** What the auditor knows of a sale while it reads, and how an event is tied to what was before it. */
import type { Books } from './books.ts';
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import type { Hall } from './hall.ts';
import type { Limits } from './limits.ts';
import type { HoldInLog, OrderInLog } from './orders.ts';
import type { Places } from './places.ts';
import type { Queue } from './queue.ts';
import type { Place, Terms } from './stored-format.ts';

export type SaleFold = {
  readonly terms: Terms;
  readonly hall: Hall;
  readonly places: Places;
  readonly limits: Limits;
  readonly books: Books;
  readonly queue: Queue;
  readonly findings: Findings;
  readonly orders: Map<string, OrderInLog>;
  readonly holds: Map<string, HoldInLog>;
  /** Every hold there ever was, by the event that took it. */
  readonly holdsTaken: Map<string, EventRef>;
  /** The order of each request. */
  readonly requests: Map<string, OrderInLog>;
  /** As the sale was told last. */
  hours: { readonly opensAtMs: number; readonly closesAtMs: number; readonly by: EventRef };
  endedBy: EventRef | undefined;
};

export const holdName = (token: string): string => `hold ${token}`;
export const orderName = (number: string): string => `order ${number}`;

/** The order, if it is in one of these states; otherwise the event contradicts the log. */
export function known(
  sale: SaleFold,
  orderNumber: string,
  expected: readonly OrderInLog['status'][],
  by: EventRef,
): OrderInLog | undefined {
  const order = sale.orders.get(orderNumber);
  if (order !== undefined && expected.includes(order.status)) return order;
  const text = `${by.type} of order ${orderNumber}, which is ${order?.status ?? 'not in the log'}`;
  sale.findings.broken('contradicts_history', text, order?.last, by);
  return undefined;
}

export function samePlaces(
  { findings }: SaleFold,
  had: readonly Place[],
  places: readonly Place[],
  who: string,
  by: EventRef,
): void {
  if (namesOf(had) === namesOf(places)) return;
  findings.broken('places_differ', `${who} has ${textOf(had)}, ${by.type} names ${textOf(places)}`, by);
}

const namesOf = (places: readonly Place[]): string => JSON.stringify(places);

const textOf = (places: readonly Place[]): string =>
  places.map(([category, seat]) => `${category}/${seat ?? '-'}`).join(' ') || 'no places';

/** Deadlines are by the clock of who decided, times of the log by the store's: these may differ by as much. */
const CLOCKS_APART_MAX_MS = 60_000;

/** A deadline is as long after the decision as the sale was started with, and the decision is not of the future. */
export function deadlineFits({ findings }: SaleFold, what: string, decidedAtMs: number, by: EventRef): void {
  if (decidedAtMs <= by.recordedAtMs + CLOCKS_APART_MAX_MS) return;
  const [of, recorded] = [decidedAtMs, by.recordedAtMs].map(timeText);
  const text = `${what} has a deadline as if it were of ${of}, and was recorded ${recorded}`;
  findings.broken('deadline_too_far', text, by);
}

/** What expires has had all of its time. */
export function expiredInTime(
  { findings }: SaleFold,
  what: string,
  { deadlineMs, since }: { readonly deadlineMs: number; readonly since: EventRef },
  by: EventRef,
): void {
  if (by.recordedAtMs + CLOCKS_APART_MAX_MS >= deadlineMs) return;
  const [at, until] = [by.recordedAtMs, deadlineMs].map(timeText);
  const text = `${what} expired ${at} and was to live until ${until}`;
  findings.broken('expired_early', text, since, by);
}

const timeText = (ms: number): string => new Date(ms).toISOString();

/** What the places cost by the prices that the sale was started with, in minor units. */
export const costMinor = ({ hall }: SaleFold, places: readonly Place[]): number =>
  places.reduce((sum, [category]) => sum + (hall.categories[category]?.priceMinor ?? 0), 0);

/** `atMs` is when it was decided, by the clock of who decided. */
export function withinHours(sale: SaleFold, what: string, atMs: number | undefined, by: EventRef): void {
  const { findings, hours, endedBy } = sale;
  if (endedBy !== undefined) {
    findings.broken('sold_after_the_end', `${what} came after the end of the sale`, endedBy, by);
    return;
  }
  if (atMs === undefined || (atMs >= hours.opensAtMs && atMs < hours.closesAtMs)) return;
  const [at, from, to] = [atMs, hours.opensAtMs, hours.closesAtMs].map(timeText);
  findings.broken('sold_outside_hours', `${what} is of ${at}, the hours are ${from} to ${to}`, hours.by, by);
}
