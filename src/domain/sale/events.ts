/**
 * What a sale's stream says: these types are the stored format. Every order is one of them, so the JSON is short:
 * a category is its place in the layout, a seat its number in the layout. Each event that moves stock names the
 * places it moves, so that counters and seat maps follow without looking anything up.
 */
import { z } from 'zod';
import { type EventOf, eventSpec } from '../shared/event.ts';
import {
  holdTokenSchema,
  idDocumentHashSchema,
  orderNumberSchema,
  paymentNumberSchema,
  programIdSchema,
  requestIdSchema,
  ticketUserIdSchema,
  userIdSchema,
} from '../shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../shared/money.ts';
import { layoutSchema } from './layout.ts';
import { MAX_LANES, MAX_TICKETS_PER_ORDER } from './limits.ts';
import { saleRefusalCodes } from './refusals.ts';

const instantMs = z.int().min(0);
const durationMs = z.int().min(1);
const categoryIndex = z.int().min(0);
const seatNumber = z.int().min(0);
const fingerprint = z.int().min(0).max(0xffff_ffff);

/** `[category, seat]`; the seat is null in general admission. */
const placeSchema = z.tuple([categoryIndex, seatNumber.nullable()]);
export type Place = z.infer<typeof placeSchema>;
const places = z.array(placeSchema).min(1).max(MAX_TICKETS_PER_ORDER);

/** How close the seats of an order are; `unseated` is general admission. */
export const togethernessSchema = z.enum(['row', 'two_rows', 'apart', 'unseated']);
export type Togetherness = z.infer<typeof togethernessSchema>;

/** Where a queued order stands in its lane. */
const queuePositionSchema = z.strictObject({
  lane: z
    .int()
    .min(0)
    .max(MAX_LANES - 1),
  revision: z.int().min(0),
});
export type QueuePosition = z.infer<typeof queuePositionSchema>;

const window = { opensAtMs: instantMs, closesAtMs: instantMs };
const opensBeforeItCloses = ({ opensAtMs, closesAtMs }: { opensAtMs: number; closesAtMs: number }) =>
  opensAtMs < closesAtMs;

/** When a sale sells: from the first of these times on, and until, without, the second. */
const saleWindowSchema = z.strictObject(window).refine(opensBeforeItCloses, 'a sale opens before it closes');

/** All that must be known to sell a program, but when. */
export const saleRulesSchema = z.strictObject({
  currency: currencySchema,
  layout: layoutSchema,
  limits: z.strictObject({
    perOrder: z.int().min(1).max(MAX_TICKETS_PER_ORDER),
    perBuyer: z.int().min(1).max(1_000_000),
  }),
  oneTicketPerIdDocument: z.boolean(),
  /** How long a buyer keeps seats taken on the seat map before ordering. */
  holdTtlMs: durationMs,
  /** How long an order keeps its seats before it is paid. */
  paymentTtlMs: durationMs,
});

export const saleTermsSchema = z
  .strictObject({
    programId: programIdSchema,
    ...saleRulesSchema.shape,
    ...window,
  })
  .refine(opensBeforeItCloses, 'a sale opens before it closes');
export type SaleTerms = z.infer<typeof saleTermsSchema>;

const ticketSchema = z.strictObject({
  ticketUser: ticketUserIdSchema,
  idDocument: idDocumentHashSchema,
  category: categoryIndex,
  seat: seatNumber.nullable(),
  priceMinor: amountMinorSchema,
});
export type Ticket = z.infer<typeof ticketSchema>;

const order = { orderNumber: orderNumberSchema };
const ticketIndexes = z
  .array(
    z
      .int()
      .min(0)
      .max(MAX_TICKETS_PER_ORDER - 1),
  )
  .min(1);

export const saleEventSpecs = [
  eventSpec('SaleStarted', saleTermsSchema),
  /** The hours of the sale are others from now on; what was sold stays sold. */
  eventSpec('SaleRescheduled', saleWindowSchema),
  eventSpec(
    'SeatsHeld',
    z.strictObject({
      holdToken: holdTokenSchema,
      buyer: userIdSchema,
      places,
      together: togethernessSchema,
      expiresAtMs: instantMs,
      /** Fingerprint of what was asked for, to tell a repetition from another request. */
      content: fingerprint,
    }),
  ),
  eventSpec('HoldReleased', z.strictObject({ holdToken: holdTokenSchema, places })),
  eventSpec('HoldExpired', z.strictObject({ holdToken: holdTokenSchema, places })),
  eventSpec(
    'OrderPlaced',
    z.strictObject({
      ...order,
      buyer: userIdSchema,
      requestId: requestIdSchema,
      content: fingerprint,
      tickets: z.array(ticketSchema).min(1).max(MAX_TICKETS_PER_ORDER),
      amountMinor: amountMinorSchema,
      together: togethernessSchema,
      deadlineMs: instantMs,
      /** The hold that this order takes over: its places are the order's, and were held already. */
      holdToken: holdTokenSchema.optional(),
      queue: queuePositionSchema.optional(),
    }),
  ),
  /** A queued request that asks for an order which is placed already. */
  eventSpec(
    'OrderRepeated',
    z.strictObject({ ...order, buyer: userIdSchema, of: orderNumberSchema, queue: queuePositionSchema }),
  ),
  /**
   * A queued order that got nothing; orders that somebody waits for are refused without an event. With the code
   * `duplicate_order_number` the order that has the number is another one, and is not touched by this.
   */
  eventSpec(
    'OrderRejected',
    z.strictObject({
      ...order,
      buyer: userIdSchema,
      code: z.enum(saleRefusalCodes),
      queue: queuePositionSchema,
    }),
  ),
  eventSpec('OrderCancelled', z.strictObject({ ...order, places })),
  eventSpec('OrderExpired', z.strictObject({ ...order, places })),
  /** The seats that a late payment found for an ended order: its own, or equal ones. OrderPaid follows. */
  eventSpec(
    'OrderReseated',
    z.strictObject({ ...order, places, together: togethernessSchema, sameSeats: z.boolean() }),
  ),
  eventSpec(
    'OrderPaid',
    z.strictObject({ ...order, paymentNumber: paymentNumberSchema, amountMinor: amountMinorSchema, places }),
  ),
  /** An ended order was paid and could not get its seats back: the payment is to be refunded. */
  eventSpec(
    'LatePaymentRefused',
    z.strictObject({
      ...order,
      paymentNumber: paymentNumberSchema,
      amountMinor: amountMinorSchema,
      code: z.enum(saleRefusalCodes),
    }),
  ),
  eventSpec('TicketsIssued', z.strictObject({ ...order })),
  eventSpec(
    'OrderRefunded',
    z.strictObject({
      ...order,
      paymentNumber: paymentNumberSchema,
      /** Which of the order's tickets, by their place in OrderPlaced. */
      tickets: ticketIndexes,
      places,
      amountMinor: amountMinorSchema,
    }),
  ),
  eventSpec('SaleEnded', z.strictObject({ endedAtMs: instantMs })),
] as const;

export type SaleEvent = EventOf<(typeof saleEventSpecs)[number]>;
export type SaleEventOf<Type extends SaleEvent['type']> = Extract<SaleEvent, { readonly type: Type }>['data'];
