/** From what a buyer sends to an order request. */
import { z } from 'zod';
import type { OrderRequest } from '../../commands/place-order.ts';
import {
  categoryIdSchema,
  holdTokenSchema,
  programIdSchema,
  type RequestId,
  ticketUserIdSchema,
  type UserId,
} from '../../domain/shared/ids.ts';
import { amountMinorSchema } from '../../domain/shared/money.ts';
import { digestOfKey } from '../idempotency-key.ts';
import { MAX_SEAT_NUMBER } from '../inputs.ts';

/** More than any order may have: how many it may is the program's to say. */
const MAX_LISTED = 100;

export const orderBodySchema = z
  .strictObject({
    programId: programIdSchema,
    /** One for each ticket, in the order of the seats where seats are named. */
    ticketUserIds: z.array(ticketUserIdSchema).min(1).max(MAX_LISTED),
    categoryId: categoryIdSchema.optional(),
    accessible: z.boolean().optional(),
    allowSplit: z.boolean().optional(),
    seats: z.array(z.int().min(0).max(MAX_SEAT_NUMBER)).min(1).max(MAX_LISTED).optional(),
    holdToken: holdTokenSchema.optional(),
    expectedAmountMinor: amountMinorSchema.optional(),
    ticketCount: z.int().min(1).max(MAX_LISTED).optional(),
  })
  .superRefine(({ categoryId, seats, holdToken, accessible, allowSplit }, context) => {
    const wants = [categoryId, seats, holdToken].filter((want) => want !== undefined);
    if (wants.length !== 1) {
      context.addIssue({
        code: 'custom',
        message: 'exactly one of categoryId, seats and holdToken is needed',
      });
    }
    if (categoryId === undefined && (accessible !== undefined || allowSplit !== undefined)) {
      context.addIssue({ code: 'custom', message: 'accessible and allowSplit go with categoryId' });
    }
  });
export type OrderBody = z.output<typeof orderBodySchema>;

export const orderRequestOf = (body: OrderBody, buyer: UserId, requestId: RequestId): OrderRequest => ({
  programId: body.programId,
  buyer,
  requestId,
  ticketUsers: body.ticketUserIds,
  want: wantOf(body),
  ...(body.expectedAmountMinor !== undefined && { expectedAmountMinor: body.expectedAmountMinor }),
});

const wantOf = ({
  seats,
  holdToken,
  categoryId,
  ticketUserIds,
  ...more
}: OrderBody): OrderRequest['want'] => {
  if (seats !== undefined) return { by: 'seats', seats };
  if (holdToken !== undefined) return { by: 'hold', holdToken };
  if (categoryId === undefined) throw new Error('The schema lets no order in that wants nothing.');
  const { accessible, allowSplit } = more;
  return {
    by: 'category',
    category: categoryId,
    count: ticketUserIds.length,
    ...(accessible !== undefined && { accessible }),
    ...(allowSplit !== undefined && { allowSplit }),
  };
};

export const requestIdOf = (buyer: UserId, idempotencyKey: string): RequestId =>
  digestOfKey(buyer, idempotencyKey) as RequestId;
