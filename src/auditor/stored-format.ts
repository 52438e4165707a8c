/**
 * How the auditor reads the log: its own description of the stored JSON of every event it audits. It is written a
 * second time on purpose, and strict: a field or a version that it does not know may mean anything, so that such an
 * event is a finding and never skipped.
 */
import { z } from 'zod';

const count = z.int().min(0);
const instantMs = z.int().min(0);
const text = z.string().min(1);
const number63 = z.string().regex(/^[1-9][0-9]{0,18}$/);
const currency = z.string().length(3);

const place = z.tuple([count, count.nullable()]);
/** Category by its place in the layout, seat by its number in the layout; null where nobody has a seat. */
export type Place = z.infer<typeof place>;
const places = z.array(place).min(1);
const lanePlace = z.strictObject({ lane: count, revision: count });
export type LanePlace = z.infer<typeof lanePlace>;
const togetherness = z.enum(['row', 'two_rows', 'apart', 'unseated']);

const rows = z.strictObject({
  rows: text,
  seats: text,
  blocked: text.optional(),
  accessible: text.optional(),
  aislesAfter: text.optional(),
  x: z.number().optional(),
});
const section = z.strictObject({
  name: text,
  rows: z.array(rows).min(1),
  x: z.number().optional(),
  y: z.number().optional(),
});
const category = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('seated'),
    id: text,
    priceMinor: count,
    sections: z.array(section).min(1),
    focus: z.strictObject({ x: z.number(), y: z.number() }).optional(),
  }),
  z.strictObject({ kind: z.literal('general'), id: text, priceMinor: count, capacity: count }),
]);
export type HallCategory = z.infer<typeof category>;

const hours = { opensAtMs: instantMs, closesAtMs: instantMs };
const terms = z.strictObject({
  programId: text,
  currency,
  layout: z.array(category).min(1),
  limits: z.strictObject({ perOrder: count, perBuyer: count }),
  oneTicketPerIdDocument: z.boolean(),
  holdTtlMs: count,
  paymentTtlMs: count,
  ...hours,
});
export type Terms = z.infer<typeof terms>;

const order = { orderNumber: number63 };
const queuedOrder = { ...order, buyer: text, queue: lanePlace };
const hold = z.strictObject({ holdToken: text, places });
const ended = z.strictObject({ ...order, places });
const ticket = z.strictObject({
  ticketUser: text,
  idDocument: text,
  category: count,
  seat: count.nullable(),
  priceMinor: count,
});

const saleFormats = {
  SaleStarted: terms,
  SaleRescheduled: z.strictObject(hours),
  SeatsHeld: z.strictObject({
    ...{ holdToken: text, buyer: text, places, together: togetherness },
    ...{ expiresAtMs: instantMs, content: count },
  }),
  HoldReleased: hold,
  HoldExpired: hold,
  OrderPlaced: z.strictObject({
    ...{ ...order, buyer: text, requestId: text, content: count, tickets: z.array(ticket).min(1) },
    ...{ amountMinor: count, together: togetherness, deadlineMs: instantMs },
    ...{ holdToken: text.optional(), queue: lanePlace.optional() },
  }),
  OrderRepeated: z.strictObject({ ...queuedOrder, of: number63 }),
  OrderRejected: z.strictObject({ ...queuedOrder, code: text }),
  OrderCancelled: ended,
  OrderExpired: ended,
  OrderReseated: z.strictObject({ ...order, places, together: togetherness, sameSeats: z.boolean() }),
  OrderPaid: z.strictObject({ ...order, paymentNumber: number63, amountMinor: count, places }),
  LatePaymentRefused: z.strictObject({ ...order, paymentNumber: number63, amountMinor: count, code: text }),
  TicketsIssued: z.strictObject(order),
  OrderRefunded: z.strictObject({
    ...{
      ...order,
      paymentNumber: number63,
      tickets: z.array(count.max(30)).min(1),
      places,
      amountMinor: count,
    },
  }),
  SaleEnded: z.strictObject({ endedAtMs: instantMs }),
};

const subject = { paymentNumber: number63, orderNumber: number63, programId: text };
const charge = { providerReference: text, amountMinor: count, currency };
const refund = { ...subject, refundId: text };

const paymentFormats = {
  PaymentRequested: z.strictObject({
    ...{ ...subject, buyer: text, amountMinor: count, currency, provider: text, requestedAtMs: instantMs },
  }),
  PaymentCaptured: z.strictObject({ ...subject, ...charge, capturedAtMs: instantMs }),
  StrayPaymentCaptured: z.strictObject({ ...subject, ...charge, cause: text, capturedAtMs: instantMs }),
  PaymentFailed: z.strictObject({ ...subject, code: text, failedAtMs: instantMs }),
  RefundRequested: z.strictObject({ ...refund, ...charge, reason: text, requestedAtMs: instantMs }),
  RefundCompleted: z.strictObject({ ...refund, ...charge, completedAtMs: instantMs }),
  RefundFailed: z.strictObject({ ...refund, attempt: count, code: text, failedAtMs: instantMs }),
  RefundRetried: z.strictObject({ ...refund, attempt: count, retriedAtMs: instantMs }),
};

const want = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('seats'), seats: z.array(count).min(1) }),
  z.strictObject({
    ...{ by: z.literal('category'), category: text, count },
    ...{ accessible: z.boolean().optional(), allowSplit: z.boolean().optional() },
  }),
  z.strictObject({ by: z.literal('hold'), holdToken: text }),
]);

const queueFormats = {
  OrderQueued: z.strictObject({
    ...{ ...order, programId: text, buyer: text, requestId: text, deadlineMs: instantMs },
    ticketUsers: z.array(z.strictObject({ ticketUser: text, idDocument: text })).min(1),
    want,
    expectedAmountMinor: count.optional(),
  }),
};

const program = { programId: text };
/** What a program is called and looks like is nothing that is audited. */
const shown = { details: z.unknown(), offer: z.unknown() };

const programFormats = {
  ProgramPublished: z.strictObject({ ...program, ...shown, publishedAtMs: instantMs }),
  ProgramRevised: z.strictObject({ ...program, ...shown, revisedAtMs: instantMs }),
  SaleScheduled: z.strictObject({ ...program, ...hours }),
  SaleOpened: z.strictObject({ ...program, openedAtMs: instantMs }),
  SaleClosed: z.strictObject({ ...program, closedAtMs: instantMs, reason: text }),
  ProgramCancelled: z.strictObject({ ...program, cancelledAtMs: instantMs, reason: text }),
  DispatchModeChanged: z.strictObject({ ...program, split: z.unknown() }),
};

/** By category of stream. Every event listed has had version 1 only. */
export const formats = {
  Sale: saleFormats,
  Payment: paymentFormats,
  OrderQueue: queueFormats,
  Program: programFormats,
} as const;
export const VERSION = 1;

export type Category = keyof typeof formats;
type TypeIn<C extends Category> = keyof (typeof formats)[C] & string;
type DataOf<Format> = Format extends z.ZodType<infer Data> ? Data : never;

/** What an event of such a stream says, by type. */
export type Saying<C extends Category, Type extends TypeIn<C> = TypeIn<C>> = {
  readonly [T in Type]: { readonly type: T; readonly data: DataOf<(typeof formats)[C][T]> };
}[Type];
export type SaleData<Type extends TypeIn<'Sale'>> = Saying<'Sale', Type>['data'];
