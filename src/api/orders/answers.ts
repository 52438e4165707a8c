/** Orders as the API shows them: the shapes for its description, and how each is made. */
import { z } from 'zod';
import type { OrderRequest } from '../../commands/place-order.ts';
import { orderStatuses, togethernessSchema } from '../../domain/sale/index.ts';
import { type DispatchMode, dispatchModeSchema } from '../../domain/shared/dispatch-mode.ts';
import {
  categoryIdSchema,
  orderNumberSchema,
  paymentNumberSchema,
  programIdSchema,
  ticketUserIdSchema,
} from '../../domain/shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../../domain/shared/money.ts';
import type { Order } from '../../projections/orders/queries.ts';
import type { Hall, OrderPlaced, OrderQueued, OrderStatusView } from './deps.ts';

const instantMs = z.int().min(0);
const seat = z
  .strictObject({
    number: z.int(),
    section: z.string().nullable(),
    row: z.string().nullable(),
    seat: z.string().nullable(),
  })
  .nullable()
  .describe('Null in general admission.');
const ticket = {
  ticketUserId: ticketUserIdSchema,
  categoryId: categoryIdSchema,
  seat,
  priceMinor: amountMinorSchema,
};

export const placedSchema = z.strictObject({
  orderNumber: orderNumberSchema,
  mode: dispatchModeSchema,
  status: z
    .enum(orderStatuses)
    .describe('Another than awaiting_payment only for a request that came before.'),
  tickets: z.array(z.strictObject(ticket)),
  together: togethernessSchema,
  amountMinor: amountMinorSchema,
  currency: currencySchema,
  deadlineMs: instantMs.describe('Until when it is to be paid.'),
  readable: z.boolean().optional().describe('v1: whether reads show the order by now.'),
});

export const queuedSchema = z.strictObject({
  orderNumber: orderNumberSchema,
  mode: dispatchModeSchema,
  status: z.literal('queued'),
  deadlineMs: instantMs.describe('Past it the order is given up and nothing is sold.'),
});

export const statusSchema = z.strictObject({
  orderNumber: orderNumberSchema,
  programId: programIdSchema,
  status: z.enum(orderStatuses),
  refusal: z.string().optional().describe('Why it was rejected.'),
  deadlineMs: instantMs.optional(),
  repeats: orderNumberSchema
    .optional()
    .describe('The order that the same request had led to before: go on with that one.'),
});

export const orderSchema = z.strictObject({
  orderNumber: orderNumberSchema,
  programId: programIdSchema,
  status: z.enum(orderStatuses),
  currency: currencySchema.nullable(),
  amountMinor: amountMinorSchema.nullable().describe('Null until it is placed.'),
  refundedMinor: amountMinorSchema,
  together: togethernessSchema.nullable(),
  deadlineMs: instantMs.nullable(),
  paymentNumber: paymentNumberSchema.nullable(),
  refusal: z.string().nullable(),
  repeats: orderNumberSchema.nullable().describe('The order that the same request had led to before.'),
  askedAtMs: instantMs,
  placedAtMs: instantMs.nullable(),
  paidAtMs: instantMs.nullable(),
  issuedAtMs: instantMs.nullable(),
  endedAtMs: instantMs.nullable(),
  tickets: z.array(z.strictObject({ ...ticket, refunded: z.boolean() })),
});

export const ordersSchema = z.strictObject({
  orders: z.array(orderSchema),
  next: z.string().nullable().describe('Goes into `after`; null on the last page.'),
});

export const cancelledSchema = z.strictObject({
  orderNumber: orderNumberSchema,
  status: z.literal('cancelled'),
});

/** Throws where the hall does not fit the places: one of the two is another sale's. */
export const placedAnswer = (placed: OrderPlaced, mode: DispatchMode, request: OrderRequest, hall: Hall) => ({
  orderNumber: placed.orderNumber,
  mode,
  status: placed.status,
  tickets: placed.places.map((place, index) => ticketAt(place, request.ticketUsers[index], hall)),
  together: placed.together,
  amountMinor: placed.amountMinor,
  currency: hall.terms.currency,
  deadlineMs: placed.deadlineMs,
  ...(placed.readable !== undefined && { readable: placed.readable }),
});

const ticketAt = (
  [categoryIndex, seatNumber]: OrderPlaced['places'][number],
  ticketUserId: string | undefined,
  { terms, names }: Hall,
) => {
  const category = terms.layout[categoryIndex];
  if (category === undefined) throw new Error(`The hall has no category ${categoryIndex}.`);
  const { id: categoryId, priceMinor } = category;
  if (seatNumber === null) return { ticketUserId, categoryId, seat: null, priceMinor };
  const name = names.nameOf(seatNumber);
  if (name === undefined) throw new Error(`The hall has no seat ${seatNumber}.`);
  const { number, section, row, seat: label } = name;
  return { ticketUserId, categoryId, seat: { number, section, row, seat: label }, priceMinor };
};

export const queuedAnswer = ({ orderNumber, deadlineMs }: OrderQueued, mode: DispatchMode) => ({
  orderNumber,
  mode,
  status: 'queued',
  deadlineMs,
});

export const statusAnswer = (view: OrderStatusView) => {
  const { orderNumber, programId, status, refusal, deadlineMs, repeats } = view;
  return {
    orderNumber,
    programId,
    status,
    ...(refusal != null && { refusal }),
    ...(deadlineMs != null && { deadlineMs }),
    ...(repeats != null && { repeats }),
  };
};

/** Whose order it is, its buyer knows. */
export const orderAnswer = ({ buyer: _, tickets, ...order }: Order) => ({
  ...order,
  tickets: tickets.map(({ ticketUser, ...rest }) => ({ ticketUserId: ticketUser, ...rest })),
});
