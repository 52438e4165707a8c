/**
 * Seat and row labels as people paint them, written short: "1-40", "1-39/2" (odd), "A-F", "40-1", "01-12", or
 * any mixture with commas. A hall of 100,000 seats stays far below the size limit of an event this way.
 */
import { isKeepable } from '../shared/text.ts';

export type Labels =
  | { readonly ok: true; readonly labels: readonly string[] }
  | { readonly ok: false; readonly problem: string };

const MAX_LABELS = 5_000;
const MAX_LABEL_CHARACTERS = 12;
const NUMBER_RANGE = /^(\d{1,6})-(\d{1,6})(?:\/(\d{1,3}))?$/;
const LETTER_RANGE = /^([A-Z])-([A-Z])$/;

/** The labels in the order given. Repeated labels and lists beyond a row's possible length are problems. */
export function expandLabels(list: string): Labels {
  const labels: string[] = [];
  for (const item of list.split(',')) {
    const problem = expandItem(item, labels);
    if (problem !== undefined) return { ok: false, problem: `"${item}" ${problem}` };
  }
  const repeated = firstRepeated(labels);
  if (repeated !== undefined) return { ok: false, problem: `"${repeated}" is there twice` };
  return { ok: true, labels };
}

/**
 * For lists that the layout's schema has seen: a list that it refused counts as empty, its message says why.
 */
export function labelsOrNone(list: string | undefined): readonly string[] {
  const expanded = list === undefined ? undefined : expandLabels(list);
  return expanded?.ok === true ? expanded.labels : [];
}

/**
 * How many labels a list stands for, at the price of reading it: nothing is expanded, and nothing checked.
 */
export function countLabels(list: string): number {
  let count = 0;
  for (const item of list.split(',')) {
    const numbers = NUMBER_RANGE.exec(item);
    const letters = LETTER_RANGE.exec(item);
    if (numbers !== null) {
      const [, from, to, step = '1'] = numbers;
      count += countInRange(Number(from), Number(to), Math.max(1, Number(step)));
    } else if (letters !== null) {
      const [, from = '', to = ''] = letters;
      count += countInRange(from.charCodeAt(0), to.charCodeAt(0), 1);
    } else count += 1;
  }
  return count;
}

const countInRange = (from: number, to: number, step: number): number =>
  Math.floor(Math.abs(to - from) / step) + 1;

function expandItem(item: string, into: string[]): string | undefined {
  const numbers = NUMBER_RANGE.exec(item);
  if (numbers !== null) {
    const [, from = '', to = '', step = '1'] = numbers;
    const width = from.startsWith('0') ? from.length : 0;
    return expandRange(Number(from), Number(to), Number(step), into, (value) =>
      String(value).padStart(width, '0'),
    );
  }
  const letters = LETTER_RANGE.exec(item);
  if (letters !== null) {
    const [, from = '', to = ''] = letters;
    return expandRange(from.charCodeAt(0), to.charCodeAt(0), 1, into, (code) => String.fromCharCode(code));
  }
  if (item.trim() !== item || item === '') return 'is empty or has blanks around it';
  if (item.length > MAX_LABEL_CHARACTERS) return `is longer than ${MAX_LABEL_CHARACTERS} characters`;
  if (!isKeepable(item)) return 'has a zero character or half of a surrogate pair';
  if (into.length >= MAX_LABELS) return `makes more than ${MAX_LABELS} labels`;
  into.push(item);
  return undefined;
}

function expandRange(
  from: number,
  to: number,
  step: number,
  into: string[],
  labelOf: (value: number) => string,
): string | undefined {
  if (step === 0) return 'has a step of 0';
  const count = countInRange(from, to, step);
  if (into.length + count > MAX_LABELS) return `makes more than ${MAX_LABELS} labels`;
  const direction = to < from ? -step : step;
  for (let index = 0; index < count; index += 1) into.push(labelOf(from + index * direction));
  return undefined;
}

function firstRepeated(labels: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const label of labels) {
    if (seen.has(label)) return label;
    seen.add(label);
  }
  return undefined;
}
