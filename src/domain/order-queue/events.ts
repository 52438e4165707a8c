/**
 * What a lane of the order queue says: these types are the stored format. A queued order holds all that deciding it
 * takes, so that the sequencer asks nobody.
 */
import { z } from 'zod';
import { MAX_TICKETS_PER_ORDER } from '../sale/index.ts';
import { type EventOf, eventSpec } from '../shared/event.ts';
import {
  categoryIdSchema,
  holdTokenSchema,
  idDocumentHashSchema,
  orderNumberSchema,
  programIdSchema,
  requestIdSchema,
  ticketUserIdSchema,
  userIdSchema,
} from '../shared/ids.ts';
import { amountMinorSchema } from '../shared/money.ts';

const seatNumbers = z.array(z.int().min(0)).min(1).max(MAX_TICKETS_PER_ORDER).readonly();
const count = z.int().min(1).max(MAX_TICKETS_PER_ORDER);

const wantSchema = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('seats'),
    seats: seatNumbers,
  }),
  z.strictObject({
    by: z.literal('category'),
    category: categoryIdSchema,
    count,
    accessible: z.boolean().exactOptional(),
    allowSplit: z.boolean().exactOptional(),
  }),
  z.strictObject({ by: z.literal('hold'), holdToken: holdTokenSchema }),
]);

export const orderQueueEventSpecs = [
  eventSpec(
    'OrderQueued',
    z.strictObject({
      orderNumber: orderNumberSchema,
      programId: programIdSchema,
      buyer: userIdSchema,
      requestId: requestIdSchema,
      ticketUsers: z
        .array(z.strictObject({ ticketUser: ticketUserIdSchema, idDocument: idDocumentHashSchema }))
        .min(1)
        .max(MAX_TICKETS_PER_ORDER)
        .readonly(),
      want: wantSchema,
      expectedAmountMinor: amountMinorSchema.exactOptional(),
      /** From then on nobody waits for it any more: it is abandoned, not decided. */
      deadlineMs: z.int().min(0),
    }),
  ),
] as const;

export type OrderQueueEvent = EventOf<(typeof orderQueueEventSpecs)[number]>;
export type QueuedOrder = OrderQueueEvent['data'];
