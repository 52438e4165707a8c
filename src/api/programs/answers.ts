/** What the answers about programs look like, for the API's description. */
import { z } from 'zod';
import { dispatchSplitSchema } from '../../domain/shared/dispatch-mode.ts';

const saleStatus = z.enum(['unscheduled', 'scheduled', 'open', 'closed', 'cancelled']);
const localized = z.object({ zh: z.string().nullable(), en: z.string().nullable() });

const summary = {
  programId: z.string(),
  title: localized,
  city: localized,
  venue: localized,
  genre: z.string(),
  showsAtMs: z.int(),
  cover: z.string().nullable(),
  currency: z.string(),
  priceFromMinor: z.int(),
  saleStatus,
  opensAtMs: z.int().nullable(),
  closesAtMs: z.int().nullable(),
};

export const programsAnswer = z.object({
  programs: z.array(z.object(summary)),
  next: z.string().nullable().describe('goes into `after` for the next page; null on the last one'),
});

export const facetsAnswer = z.object({
  total: z.int(),
  cities: z.array(z.object({ city: localized, count: z.int() })),
  genres: z.array(z.object({ genre: z.string(), count: z.int() })),
});

const counts = { capacity: z.int(), held: z.int(), sold: z.int(), free: z.int() };

export const stockAnswer = z.array(z.object({ categoryId: z.string(), ...counts }));

export const programAnswer = z.object({
  ...summary,
  description: localized,
  cancelledAtMs: z.int().nullable(),
  cancelReason: z.string().nullable(),
  dispatchSplit: dispatchSplitSchema.nullable(),
  publishedAtMs: z.int(),
  ticketCategories: z.array(
    z.object({
      categoryId: z.string(),
      name: localized,
      priceMinor: z.int(),
      kind: z.enum(['seated', 'general']),
      capacity: z.int(),
    }),
  ),
  stock: stockAnswer,
  limits: z.object({ perOrder: z.int(), perBuyer: z.int() }),
  oneTicketPerIdDocument: z.boolean(),
  holdTtlMs: z.int(),
  paymentTtlMs: z.int(),
});

export const seatsAnswer = z.object({
  firstSeat: z.int(),
  seatCount: z.int(),
  revision: z.int().nullable().describe('of the sale, as the map shows it; null before it has started'),
  statuses: z.string().describe('base64, 2 bits a seat, lowest first: 0 free, 1 held, 2 sold, 3 blocked'),
});

export const publishedAnswer = z.object({ programId: z.string(), saleStatus });

const sales = {
  categoryId: z.string(),
  held: z.int(),
  released: z.int(),
  sold: z.int(),
  refunded: z.int(),
  revenueMinor: z.int(),
  refundedMinor: z.int(),
};

export const statisticsAnswer = z.object({
  stock: stockAnswer,
  totals: z.array(z.object(sales)),
  course: z.array(z.object({ fromMs: z.int(), ...sales })),
});
