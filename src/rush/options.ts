/** What a rush is told to do, checked as a whole. */
import { z } from 'zod';
import { dispatchModes } from '../domain/shared/dispatch-mode.ts';
import { programIdSchema } from '../domain/shared/ids.ts';

const MAX_BUYERS = 10_000_000;
const MAX_SEATS = 200_000;
const MAX_CONNECTIONS = 4_096;
const MAX_PARTY = 20;
const MAX_SEED = 2 ** 31 - 1;
const SECOND_MS = 1_000;

export const rushModes = [...dispatchModes, 'configured'] as const;
export type RushMode = (typeof rushModes)[number];

const share = z.number().min(0).max(1);

export const rushOptionsSchema = z
  .object({
    /** Of the engine; several are engines on the same stores, each of which gets its share of the requests. */
    urls: z.array(z.url({ protocol: /^https?$/ })).min(1),
    /** A program that is there; without it each mode gets one of its own. */
    programId: programIdSchema.optional(),
    seats: z.int().min(1).max(MAX_SEATS),
    buyers: z.int().min(1).max(MAX_BUYERS),
    modes: z.array(z.enum(rushModes)).min(1),
    pay: share,
    cancel: share,
    party: z
      .object({ from: z.int().min(1), to: z.int().max(MAX_PARTY) })
      .refine(({ from, to }) => from <= to, 'a party begins with its smallest size'),
    seed: z.int().min(0).max(MAX_SEED),
    connections: z.int().min(1).max(MAX_CONNECTIONS),
    /** How long an order of the rush's own program waits to be paid. */
    paymentTtlMs: z
      .int()
      .min(SECOND_MS)
      .max(3_600 * SECOND_MS),
    tolerateRestarts: z.boolean(),
  })
  .refine(({ programId, modes }) => programId === undefined || modes.length === 1, {
    message: 'a program of yours is sold once: name one mode',
    path: ['modes'],
  })
  .readonly();
export type RushOptions = z.infer<typeof rushOptionsSchema>;
