/**
 * A hall as those take it who draw it: rows with their labels and where they stand. What most rows do not
 * have (aisles, seats that are not ordinary) is left out where it is not there.
 */
import { z } from 'zod';
import { capacityOf } from '../../domain/sale/index.ts';
import { type Row, rowsOf } from '../../domain/sale/rows.ts';
import type { SalePlanned } from '../../domain/sale-plan/index.ts';

const KIND_LETTERS = { ordinary: 'o', accessible: 'a', blocked: 'b' } as const;

const nameSchema = z.object({ zh: z.string().optional(), en: z.string().optional() });

const rowSchema = z.object({
  label: z.string(),
  /** Number of its first seat; the others follow. */
  firstSeat: z.int(),
  seats: z.array(z.string()).describe('labels'),
  x: z.number().describe('of the first seat, in seat widths off the centre line'),
  y: z.number().describe('rows from the front'),
  offsets: z
    .array(z.number())
    .optional()
    .describe('seat widths from the first seat; left out where they are 0, 1, 2, …'),
  kinds: z
    .string()
    .optional()
    .describe('a letter for each seat: o ordinary, a accessible, b blocked; left out where all are ordinary'),
});

const categoryAnswer = z.object({
  id: z.string(),
  kind: z.enum(['seated', 'general']),
  name: nameSchema,
  priceMinor: z.int(),
  capacity: z.int().describe('blocked seats not counted'),
  firstSeat: z.int().nullable().describe('null in general admission, which has no seats'),
  seatCount: z.int(),
  focus: z.object({ x: z.number(), y: z.number() }).optional(),
  sections: z.array(z.object({ name: z.string(), rows: z.array(rowSchema) })).optional(),
});

export const layoutAnswerSchema = z.object({
  currency: z.string(),
  categories: z.array(categoryAnswer),
});

type LayoutAnswer = z.infer<typeof layoutAnswerSchema>;
type CategoryAnswer = z.infer<typeof categoryAnswer>;

export const layoutAnswerOf = ({ currency, layout, categoryNames }: SalePlanned): LayoutAnswer => {
  const categories: CategoryAnswer[] = [];
  let firstSeat = 0;
  for (const [index, category] of layout.entries()) {
    const { id, kind, priceMinor } = category;
    const common = { id, kind, priceMinor, name: categoryNames[index] ?? {}, capacity: capacityOf(category) };
    if (category.kind === 'general') {
      categories.push({ ...common, firstSeat: null, seatCount: 0 });
      continue;
    }
    const rows = rowsOf(category);
    const seatCount = rows.reduce((sum, row) => sum + row.pattern.labels.length, 0);
    const { focus } = category;
    const sections = sectionsOf(rows, firstSeat);
    categories.push({ ...common, firstSeat, seatCount, ...(focus && { focus }), sections });
    firstSeat += seatCount;
  }
  return { currency, categories };
};

const sectionsOf = (rows: readonly Row[], firstSeat: number): NonNullable<CategoryAnswer['sections']> => {
  const sections: NonNullable<CategoryAnswer['sections']> = [];
  for (const row of rows) {
    const section = sections[row.sectionIndex] ?? { name: row.section, rows: [] };
    sections[row.sectionIndex] = section;
    section.rows.push(rowAnswerOf(row, firstSeat));
  }
  return sections;
};

const rowAnswerOf = ({ label, firstSeat, x, y, pattern }: Row, before: number) => {
  const { labels, kinds, offsets } = pattern;
  const hasAisles = offsets.some((offset, index) => offset !== index);
  const isOrdinary = kinds.every((kind) => kind === 'ordinary');
  return {
    label,
    firstSeat: before + firstSeat,
    seats: [...labels],
    x,
    y,
    ...(hasAisles && { offsets: [...offsets] }),
    ...(!isOrdinary && { kinds: kinds.map((kind) => KIND_LETTERS[kind]).join('') }),
  };
};

/**
 * The seats of a category that nobody has taken yet: 2 bits a seat, lowest bits first; 3 is a blocked seat.
 */
export const untouchedSeats = (
  plan: SalePlanned,
  categoryId: string,
): { readonly firstSeat: number; readonly seatCount: number; readonly statuses: Uint8Array } | undefined => {
  let firstSeat = 0;
  for (const category of plan.layout) {
    if (category.kind === 'general') continue;
    const kinds = rowsOf(category).flatMap(({ pattern }) => pattern.kinds);
    if (category.id === categoryId) {
      const statuses = new Uint8Array(Math.ceil(kinds.length / 4));
      for (const [index, kind] of kinds.entries()) {
        if (kind === 'blocked') statuses[index >> 2] = (statuses[index >> 2] ?? 0) | (3 << (2 * (index & 3)));
      }
      return { firstSeat, seatCount: kinds.length, statuses };
    }
    firstSeat += kinds.length;
  }
  return undefined;
};
