/**
 * The moment a question is about, as people write it: a time with or without a zone, a time of today, milliseconds
 * since 1970, or a position in the log.
 */
import type { Place } from './log.ts';

const SECOND_MS = 1_000;
/** Clocks differ; what is later than this has not happened. */
const MAX_AHEAD_MS = 60 * SECOND_MS;
const MAX_POSITION = 2n ** 63n - 1n;

/** Up to and with everything recorded by then, or at that position. */
export type Moment = { readonly asked: string } & (
  | { readonly atMs: number; readonly position: null }
  | { readonly atMs: null; readonly position: bigint }
);

export type ParsedMoment =
  | { readonly kind: 'moment'; readonly moment: Moment }
  | { readonly kind: 'refused'; readonly problem: string };

const FORMS =
  'a time like 2026-11-22T20:03:00+08:00, 2026-11-22T20:03 or 20:03 (of this machine), ' +
  'milliseconds since 1970, or position:P';

const DAY = String.raw`(\d{4}-\d\d-\d\d)`;
const TIME = String.raw`(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?`;
const ZONE = String.raw`(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?`;
/** The plus of a zone is a blank where an address was not encoded; behind a time nothing else can be meant. */
const ZONE_WITHOUT_PLUS = String.raw`(?: (\d\d:?\d\d)$)?`;
const DATE_TIME = new RegExp(`^${DAY}(?:[T ]${TIME}${ZONE_WITHOUT_PLUS})?${ZONE}$`);
const TIME_OF_DAY = /^\d\d:\d\d(:\d\d)?$/;

/** A time without a zone is this machine's. `nowMs`: what "today" is, and what lies ahead of it is refused. */
export const parseMoment = (text: string, nowMs: number): ParsedMoment => {
  const position = /^position:(\d{1,19})$/.exec(text)?.[1];
  if (position !== undefined) return momentOfPosition(text, BigInt(position));
  const atMs = /^\d{9,15}$/.test(text) ? Number(text) : timeOf(text, nowMs);
  if (atMs === undefined || Number.isNaN(atMs))
    return refused(`“${shown(text)}” is no moment: give ${FORMS}.`);
  if (atMs > nowMs + MAX_AHEAD_MS) return refused(`“${shown(text)}” is still to come.`);
  return { kind: 'moment', moment: { asked: text, atMs, position: null } };
};

const refused = (problem: string): ParsedMoment => ({ kind: 'refused', problem });

const MAX_SHOWN = 40;
const shown = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

const momentOfPosition = (asked: string, position: bigint): ParsedMoment =>
  position > MAX_POSITION
    ? refused('A position is below 2^63.')
    : { kind: 'moment', moment: { asked, atMs: null, position } };

const timeOf = (text: string, nowMs: number): number | undefined => {
  if (TIME_OF_DAY.test(text)) return timeOf(`${localDay(nowMs)}T${text}`, nowMs);
  const [, day, time = '00:00', second = '00', fraction = '0', east, zone] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const written = `${day}T${time}:${second}.${fraction.padEnd(3, '0')}`;
  // A day that the month does not have would roll over into the next one.
  const asIfUtc = Date.parse(`${written}Z`);
  if (Number.isNaN(asIfUtc) || !new Date(asIfUtc).toISOString().startsWith(day)) return undefined;
  return Date.parse(written + zoneOf(east === undefined ? zone : `+${east}`));
};

/** `+0800` and `+08` as `Date.parse` takes them; none is the machine's zone. */
const zoneOf = (zone: string | undefined): string => {
  if (zone === undefined) return '';
  if (zone.length === 1) return 'Z';
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
};

const localDay = (nowMs: number): string => localTime(nowMs).slice(0, 'yyyy-mm-dd'.length);

const MINUTE_MS = 60 * SECOND_MS;

/** ISO 8601 in this machine's zone, the zone written out. */
export const localTime = (atMs: number): string => {
  const aheadMinutes = -new Date(atMs).getTimezoneOffset();
  const local = new Date(atMs + aheadMinutes * MINUTE_MS).toISOString().slice(0, -1);
  const [hours, minutes] = [Math.trunc(Math.abs(aheadMinutes) / 60), Math.abs(aheadMinutes) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${aheadMinutes < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
};

/** Whether an event had happened by then; always, without a moment. */
export const isBy = (moment: Moment | undefined, { position, recordedAtMs }: Place): boolean => {
  if (moment === undefined) return true;
  return moment.atMs === null ? position <= moment.position : recordedAtMs <= moment.atMs;
};
