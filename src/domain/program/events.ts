/**
 * What a program's stream says: these types are the stored format. The program is what people browse and what
 * goes on sale; seats, limits and orders are the sale's.
 */
import { z } from 'zod';
import { dispatchSplitSchema } from '../shared/dispatch-mode.ts';
import { type EventOf, eventSpec } from '../shared/event.ts';
import { categoryIdSchema, programIdSchema } from '../shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../shared/money.ts';
import { descriptionSchema, isKeepable, lineSchema, nameSchema } from '../shared/text.ts';

const MAX_TICKET_CATEGORIES = 64;
const MAX_CAPACITY = 1_000_000;

const instantMs = z.int().min(0);

export const programDetailsSchema = z.strictObject({
  title: nameSchema,
  city: nameSchema,
  venue: nameSchema,
  /** `concert`, `theatre`, … : what a visitor filters by. Not to be confused with ticket categories. */
  genre: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'a genre is a short lower-case word'),
  showsAtMs: instantMs,
  description: descriptionSchema.optional(),
  /** Address of the poster: of the web, or of this server. */
  cover: z
    .string()
    .max(2_000)
    .regex(/^(https?:\/)?\/[^\s/]\S*$/, 'a cover is an http(s) address or a path')
    .refine(isKeepable, 'a cover is an http(s) address or a path')
    .optional(),
});
export type ProgramDetails = z.infer<typeof programDetailsSchema>;

const ticketCategorySchema = z.strictObject({
  categoryId: categoryIdSchema,
  name: nameSchema,
  priceMinor: amountMinorSchema,
  kind: z.enum(['seated', 'general']),
  /** Tickets there are to sell. The sale counts the seats themselves. */
  capacity: z.int().min(1).max(MAX_CAPACITY),
});
export type TicketCategory = z.infer<typeof ticketCategorySchema>;

/** What is sold. One currency for all categories, because one order may take from several. */
export const programOfferSchema = z.strictObject({
  currency: currencySchema,
  ticketCategories: z
    .array(ticketCategorySchema)
    .min(1, 'a program needs a ticket category')
    .max(MAX_TICKET_CATEGORIES)
    .refine(
      (categories) => new Set(categories.map(({ categoryId }) => categoryId)).size === categories.length,
      'a ticket category is named once',
    ),
  /** Which layout of the hall the sale is started with. */
  layoutRef: z.string().min(1).max(128),
});
export type ProgramOffer = z.infer<typeof programOfferSchema>;

export const closeReasonSchema = z.enum(['schedule', 'sold_out', 'operator']);
export type CloseReason = z.infer<typeof closeReasonSchema>;

const program = { programId: programIdSchema };
const catalogue = { details: programDetailsSchema, offer: programOfferSchema };

export const programEventSpecs = [
  eventSpec('ProgramPublished', z.strictObject({ ...program, ...catalogue, publishedAtMs: instantMs })),
  /** Holds everything as it is from now on, not the difference. */
  eventSpec('ProgramRevised', z.strictObject({ ...program, ...catalogue, revisedAtMs: instantMs })),
  eventSpec(
    'SaleScheduled',
    z
      .strictObject({ ...program, opensAtMs: instantMs, closesAtMs: instantMs })
      .refine(({ opensAtMs, closesAtMs }) => opensAtMs < closesAtMs, 'a sale opens before it closes'),
  ),
  eventSpec('SaleOpened', z.strictObject({ ...program, openedAtMs: instantMs })),
  eventSpec('SaleClosed', z.strictObject({ ...program, closedAtMs: instantMs, reason: closeReasonSchema })),
  /** Ends the sale too, if it had begun. Paid orders are to be refunded. */
  eventSpec('ProgramCancelled', z.strictObject({ ...program, cancelledAtMs: instantMs, reason: lineSchema })),
  /** Null follows the engine's own setting again. */
  eventSpec('DispatchModeChanged', z.strictObject({ ...program, split: dispatchSplitSchema.nullable() })),
] as const;

export type ProgramEvent = EventOf<(typeof programEventSpecs)[number]>;
