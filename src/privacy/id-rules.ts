/**
 * What the numbers of the six id documents look like. The 18-digit ones share the birth date and the check
 * digit of GB 11643-1999, foreigners' cards since December 2023 among them.
 */
import type { IdType } from '../domain/shared/personal-data.ts';

/** Shown to clients: never rename one. */
export const idNumberRefusalCodes = [
  'id_number_empty',
  'id_number_malformed',
  /** Right for another of the six types. */
  'id_number_of_another_type',
  'id_number_region',
  'id_number_birth_date',
  'id_number_check_digit',
] as const;
export type IdNumberRefusalCode = (typeof idNumberRefusalCodes)[number];

/** The two digits that numbers of mainland identity cards begin with: one per province. */
const PROVINCES = new Set(
  [
    [11, 15],
    [21, 23],
    [31, 37],
    [41, 46],
    [50, 54],
    [61, 65],
  ].flatMap(([from = 0, to = 0]) =>
    Array.from({ length: to - from + 1 }, (_, index) => String(from + index)),
  ),
);
const CHECK_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_DIGITS = '10X98765432';
const EIGHTEEN = /^\d{17}[\dX]$/;
const RESIDENCE_PERMIT = /^8[123]0{4}/;
const FOREIGNER = /^9/;
const EARLIEST_YEAR = 1900;
/** A child born today in the easternmost time zone. */
const LATEST_BIRTH_AHEAD_MS = 14 * 3_600_000;

type Rule = (number: string, nowMs: number) => IdNumberRefusalCode | undefined;

const shaped =
  (pattern: RegExp): Rule =>
  (number) =>
    pattern.test(number) ? undefined : 'id_number_malformed';

const rules: Readonly<Record<IdType, Rule>> = {
  1: (number, nowMs) => {
    if (!EIGHTEEN.test(number)) return 'id_number_malformed';
    if (RESIDENCE_PERMIT.test(number) || FOREIGNER.test(number)) return 'id_number_of_another_type';
    if (!PROVINCES.has(number.slice(0, 2))) return 'id_number_region';
    return eighteenDigits(number, nowMs);
  },
  2: (number, nowMs) => {
    if (!EIGHTEEN.test(number)) return 'id_number_malformed';
    if (PROVINCES.has(number.slice(0, 2)) || FOREIGNER.test(number)) return 'id_number_of_another_type';
    return RESIDENCE_PERMIT.test(number) ? eighteenDigits(number, nowMs) : 'id_number_region';
  },
  /** Eight digits for life; cards of before 2012 add the number of renewals. */
  3: shaped(/^[HM]\d{8}(\d{2})?$/),
  4: shaped(/^\d{8}$/),
  5: shaped(/^(?=.*\d)[0-9A-Z]{5,12}$/),
  6: (number, nowMs) => {
    if (/^[A-Z]{3}\d{12}$/.test(number)) return undefined;
    if (!EIGHTEEN.test(number)) return 'id_number_malformed';
    return FOREIGNER.test(number) ? eighteenDigits(number, nowMs) : 'id_number_of_another_type';
  },
};

/** Undefined when the number, normalised before, may be one of its type. */
export function refusalOf(idType: IdType, number: string, nowMs: number): IdNumberRefusalCode | undefined {
  return number === '' ? 'id_number_empty' : rules[idType](number, nowMs);
}

function eighteenDigits(number: string, nowMs: number): IdNumberRefusalCode | undefined {
  if (!isBirthDate(number.slice(6, 14), nowMs)) return 'id_number_birth_date';
  return checkDigit(number) === number.at(17) ? undefined : 'id_number_check_digit';
}

/** Of the first 17 digits (MOD 11-2). */
export function checkDigit(number: string): string {
  const sum = CHECK_WEIGHTS.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return CHECK_DIGITS.charAt(sum % CHECK_DIGITS.length);
}

function isBirthDate(yyyymmdd: string, nowMs: number): boolean {
  const [year, month, day] = [yyyymmdd.slice(0, 4), yyyymmdd.slice(4, 6), yyyymmdd.slice(6)].map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal && year >= EARLIEST_YEAR && date.getTime() <= nowMs + LATEST_BIRTH_AHEAD_MS;
}
