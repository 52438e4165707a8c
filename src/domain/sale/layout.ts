/**
 * The hall as JSON: categories of sections of rows, written by people and kept in SaleStarted for ever.
 * Checked here once, with messages that name the place, so that everything behind may trust it.
 */
import { z } from 'zod';
import { categoryIdSchema } from '../shared/ids.ts';
import { amountMinorSchema } from '../shared/money.ts';
import { textSchema } from '../shared/text.ts';
import { countLabels, expandLabels, labelsOrNone } from './labels.ts';

const MAX_CATEGORIES = 64;
const MAX_SECTIONS_PER_CATEGORY = 500;
const MAX_ROW_GROUPS_PER_SECTION = 2_000;
const MAX_SEATS = 200_000;
const MAX_GENERAL_CAPACITY = 1_000_000;
/** In UTF-8, so that the event with it stays below the log's 1 MiB. */
const MAX_LAYOUT_BYTES = 900_000;
const MAX_COORDINATE = 100_000;
const MAX_LIST_CHARACTERS = 20_000;
/** Seats and rows, and those that are named again as blocked, accessible or at an aisle. */
const MAX_LABELS_WRITTEN = 4 * MAX_SEATS;
/** Nobody reads more about one list. */
const MAX_PROBLEMS = 20;

/** An order of the most tickets must still be an amount. */
const MAX_PRICE_MINOR = 100_000_000_000;

const priceSchema = amountMinorSchema.refine(
  (price) => price <= MAX_PRICE_MINOR,
  `a price is at most ${MAX_PRICE_MINOR}`,
);
const coordinate = z.number().min(-MAX_COORDINATE).max(MAX_COORDINATE);
const labelList = z
  .string()
  .min(1)
  .max(MAX_LIST_CHARACTERS)
  .superRefine((list, context) => {
    const expanded = expandLabels(list);
    if (!expanded.ok) context.addIssue({ code: 'custom', message: expanded.problem });
  });

/** One row, or several that are equal: `{"rows": "A-F", "seats": "1-40", "aislesAfter": "10,30"}`. */
const rowGroupSchema = z
  .strictObject({
    rows: labelList,
    seats: labelList,
    /** Seats whose next seat is across an aisle, so that the two are not neighbours. */
    aislesAfter: labelList.optional(),
    /** Given only to those who ask for them. */
    accessible: labelList.optional(),
    /** Never sold: kept by the house, behind a pillar, taken out. */
    blocked: labelList.optional(),
    /** Where the first seat stands, in seat widths; a row without it is centred in its section. */
    x: coordinate.optional(),
  })
  .superRefine((group, context) => {
    for (const message of strayLabels(group)) context.addIssue({ code: 'custom', message });
  });
export type RowGroup = z.infer<typeof rowGroupSchema>;

const sectionSchema = z.strictObject({
  name: textSchema(40).min(1),
  /**
   * Where the section's middle and its first row are; by default on the centre line, behind the one before.
   */
  x: coordinate.optional(),
  y: coordinate.optional(),
  rows: z.array(rowGroupSchema).min(1, 'a section needs a row').max(MAX_ROW_GROUPS_PER_SECTION),
});

export const seatedCategorySchema = z.strictObject({
  kind: z.literal('seated'),
  id: categoryIdSchema,
  priceMinor: priceSchema,
  /** The best place to see from, in seat widths off the centre line and rows from the front. */
  focus: z.strictObject({ x: coordinate, y: coordinate }).optional(),
  sections: z.array(sectionSchema).min(1, 'a seated category needs a section').max(MAX_SECTIONS_PER_CATEGORY),
});
export type SeatedCategory = z.infer<typeof seatedCategorySchema>;

export const generalCategorySchema = z.strictObject({
  kind: z.literal('general'),
  id: categoryIdSchema,
  priceMinor: priceSchema,
  capacity: z.int().min(1).max(MAX_GENERAL_CAPACITY),
});

const categorySchema = z.discriminatedUnion('kind', [seatedCategorySchema, generalCategorySchema]);
export type Category = z.infer<typeof categorySchema>;

export const layoutSchema = z
  .array(categorySchema)
  .min(1, 'a sale needs a category')
  .max(MAX_CATEGORIES)
  .superRefine((categories, context) => {
    for (const message of hallProblems(categories)) context.addIssue({ code: 'custom', message });
  });
/** Seats are numbered through all categories in the order written: category, section, row, seat. */
export type Layout = z.infer<typeof layoutSchema>;

function strayLabels(group: RowGroup): string[] {
  const seats = new Set(labelsOrNone(group.seats));
  const problems: string[] = [];
  for (const name of ['aislesAfter', 'accessible', 'blocked'] as const) {
    const stray = labelsOrNone(group[name]).find((label) => !seats.has(label));
    if (stray !== undefined) problems.push(`${name} names "${stray}", which is no seat of the row`);
  }
  const blocked = new Set(labelsOrNone(group.blocked));
  const both = labelsOrNone(group.accessible).find((label) => blocked.has(label));
  if (both !== undefined) problems.push(`"${both}" is both accessible and blocked`);
  return problems;
}

/**
 * Why a hall is not worth checking, or undefined. `categories` may be anything: a few hundred kilobytes can
 * stand for thousands of millions of seats, and this counts them where checking would name each.
 */
export function hugeHallProblem(categories: unknown): string | undefined {
  let seats = 0;
  let labels = 0;
  for (const section of itemsOf(categories).flatMap((category) => itemsOf(fieldOf(category, 'sections')))) {
    for (const group of itemsOf(fieldOf(section, 'rows'))) {
      const counts = ['rows', 'seats', 'aislesAfter', 'accessible', 'blocked'].map((name) => {
        const list = fieldOf(group, name);
        return typeof list === 'string' ? countLabels(list) : 0;
      });
      seats += (counts[0] ?? 0) * (counts[1] ?? 0);
      for (const count of counts) labels += count;
    }
  }
  if (seats > MAX_SEATS) return tooManySeats(seats);
  return labels > MAX_LABELS_WRITTEN
    ? `the layout names ${labels} rows and seats; join equal rows`
    : undefined;
}

const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const tooManySeats = (seats: number): string => `the hall has ${seats} seats, ${MAX_SEATS} are possible`;

/** What is wrong with a hall as a whole, in sentences; each of its categories has been checked. */
export function hallProblems(categories: readonly Category[]): string[] {
  const problems = repeatedNames(categories.map((category) => ({ what: 'category', name: category.id })));
  let seats = 0;
  for (const category of categories) {
    if (category.kind === 'general') continue;
    problems.push(...seatedProblems(category));
    seats += seatsIn(category);
  }
  if (seats > MAX_SEATS) problems.push(tooManySeats(seats));
  if (new TextEncoder().encode(JSON.stringify(categories)).length > MAX_LAYOUT_BYTES) {
    problems.push(`the layout has more than ${MAX_LAYOUT_BYTES} bytes; join equal rows`);
  }
  return problems;
}

/** Places there are to sell: blocked seats are none. */
export function capacityOf(category: Category): number {
  if (category.kind === 'general') return category.capacity;
  let places = 0;
  for (const group of category.sections.flatMap((section) => section.rows)) {
    const seats = labelsOrNone(group.seats).length - labelsOrNone(group.blocked).length;
    places += labelsOrNone(group.rows).length * seats;
  }
  return places;
}

/** Counted without naming every seat: the hall may be far too large. */
function seatsIn(category: SeatedCategory): number {
  let seats = 0;
  for (const group of category.sections.flatMap((section) => section.rows)) {
    seats += labelsOrNone(group.rows).length * labelsOrNone(group.seats).length;
  }
  return seats;
}

function seatedProblems(category: SeatedCategory): string[] {
  const problems = repeatedNames(category.sections.map(({ name }) => ({ what: 'section', name })));
  for (const section of category.sections) {
    const rows = section.rows.flatMap((group) => labelsOrNone(group.rows));
    problems.push(...repeatedNames(rows.map((name) => ({ what: `section ${section.name}: row`, name }))));
  }
  return problems;
}

function repeatedNames(named: readonly { what: string; name: string }[]): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { what, name } of named) {
    if (seen.has(name)) problems.push(`${what} "${name}" is there twice`);
    if (problems.length === MAX_PROBLEMS) break;
    seen.add(name);
  }
  return problems;
}
