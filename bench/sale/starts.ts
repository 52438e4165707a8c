/** What the plain design and the floor are told: how to start, and what to sell. */
import { z } from 'zod';

export type PlainStart = {
  readonly databaseUrl: string;
  readonly poolMax: number;
  /** In hexadecimal digits. */
  readonly tokenKey: string;
};

export type FloorStart = { readonly redisUrl: string; readonly eventStoreUrl: string };

export const newSaleSchema = z.object({ programId: z.string(), categoryId: z.string(), seats: z.int() });
export type NewSale = z.infer<typeof newSaleSchema>;
