/** What the questions of an audit are answered with: one schema for `--json` and for HTTP. */
import { z } from 'zod';
import { orderStatuses } from '../domain/sale/index.ts';

const position = z.string().describe('In the log; as text, because it is more than a number holds.');
const atMs = z.int().describe('Milliseconds since 1970, by the event store’s clock.');
const minor = z.int().describe('In the minor unit of the currency.');
const status = z.enum(orderStatuses);

const place = z.object({ position, recordedAtMs: atMs });

/** What the answer is about: everything up to and with an event. */
const asOf = z.object({
  asked: z.string().nullable().describe('The moment as it was asked; null: now.'),
  atMs: atMs.nullable().describe('What was asked, with the zone of the machine where it named none.'),
  machineTime: z.string().nullable().describe('The same in the zone of the machine that answers.'),
  event: place
    .nullable()
    .describe('The last event that the answer takes in: ask for its position to check it.'),
});

const placeAnswer = z.object({
  categoryId: z.string(),
  seat: z
    .object({ number: z.int(), section: z.string(), row: z.string(), seat: z.string() })
    .nullable()
    .describe('Null in general admission.'),
});
export type PlaceAnswer = z.infer<typeof placeAnswer>;

const money = z
  .array(
    z.object({
      currency: z.string(),
      capturedMinor: minor,
      issuedMinor: minor,
      refundedMinor: minor,
      awaitingMinor: minor,
    }),
  )
  .describe('By currency: captured = issued + refunded + awaiting. Empty where nothing was captured.');

const why = {
  actor: z.string(),
  mode: z.string().nullable().describe('Dispatch mode; null where it was not recorded, or there is none.'),
  correlationId: z.string(),
  causationId: z.string(),
};

const event = z.object({
  ...place.shape,
  stream: z.string(),
  revision: z.string(),
  type: z.string(),
  ...why,
  says: z.string().describe('The event in a few words, without personal data.'),
});
export type EventAnswer = z.infer<typeof event>;

const orderStep = event.extend({
  after: z
    .object({
      status: status.nullable(),
      places: z.array(placeAnswer).describe('What the order holds or has bought.'),
      deadlineMs: z.int().nullable().describe('Of the decision while it is queued, then of the payment.'),
      money,
    })
    .nullable()
    .describe('The order behind this event; null for events from before there was an order.'),
});

const person = z.object({
  ticketUser: z.string(),
  shown: z
    .enum(['masked', 'clear', 'erased', 'sealed', 'unknown'])
    .describe('erased: the person was forgotten. sealed: the keys are out of reach, or do not open it.'),
  name: z.string().nullable(),
  idNumber: z.string().nullable(),
});
export type PersonAnswer = z.infer<typeof person>;

const ticket = z.object({
  index: z.int(),
  person,
  place: placeAnswer,
  priceMinor: minor,
  refunded: z.boolean(),
});

const payment = z.object({
  paymentNumber: z.string(),
  provider: z.string(),
  status: z.string(),
  currency: z.string(),
  amountMinor: minor.describe('What was asked for.'),
  capturedMinor: minor.describe('Of the charge that pays the order.'),
  refundedMinor: minor,
  refundingMinor: minor.describe('Set aside for refunds that are under way or have failed.'),
  strays: z.int().describe('Charges that pay nothing.'),
});

const found = z.object({
  by: z
    .enum(['index', 'streams', 'log'])
    .describe(
      'How the events were found: by the index in SQL, in the streams of a program, or in the log of all.',
    ),
  indexProblems: z
    .array(z.string())
    .describe('Where the index is not what the log says; the answer is from the log then.'),
  unreadable: z.array(z.string()).describe('Events of the log that cannot be read.'),
});

const orderFacts = {
  orderNumber: z.string(),
  madeAtMs: z.int().describe('When the number was made, as the number says.'),
  programId: z.string().nullable(),
  buyer: z.string().nullable(),
  mode: z.string().nullable().describe('How it was dispatched; null where that was not recorded.'),
  status: status.nullable(),
  refusal: z.string().nullable(),
  repeats: z.string().nullable().describe('The order that a repeated request had led to before.'),
  currency: z.string().nullable(),
  amountMinor: minor.nullable().describe('Null until it is placed.'),
  deadlineMs: z.int().nullable(),
  money,
};

export const orderAuditSchema = z.object({
  ...orderFacts,
  asOf,
  tickets: z.array(ticket),
  payments: z.array(payment),
  history: z.array(orderStep),
  found,
});
export type OrderAudit = z.infer<typeof orderAuditSchema>;

const ownership = z.object({
  state: z.enum(['held', 'ordered', 'sold']).describe('held: on the seat map. ordered: unpaid. sold: paid.'),
  buyer: z.string().nullable(),
  holdToken: z.string().nullable(),
  orderNumber: z.string().nullable(),
  from: event,
  until: event.nullable().describe('The event that ended it; null: it lasts.'),
  ended: z.string().nullable().describe('Why, in a few words.'),
});
export type Ownership = z.infer<typeof ownership>;

export const seatAuditSchema = z.object({
  programId: z.string(),
  place: placeAnswer,
  kind: z.enum(['ordinary', 'accessible', 'blocked']),
  asOf,
  owner: ownership.nullable().describe('Whose it was then; null: it was free.'),
  ownerships: z.array(ownership).describe('In the order of the log; between two of them it was free.'),
  unreadable: z.array(z.string()),
});
export type SeatAudit = z.infer<typeof seatAuditSchema>;

const orderOfBuyer = z.object({
  ...orderFacts,
  places: z.array(placeAnswer),
  firstEvent: place,
  lastEvent: place,
});
export type OrderOfBuyer = z.infer<typeof orderOfBuyer>;

export const buyerAuditSchema = z.object({
  buyer: z.string(),
  asOf,
  orders: z.array(orderOfBuyer).describe('The newest first.'),
  more: z.boolean().describe('There are older ones: ask for those before the last of these.'),
  money: money.describe('Of the orders shown.'),
  found,
});
export type BuyerAudit = z.infer<typeof buyerAuditSchema>;

const stock = z.object({
  categoryId: z.string(),
  priceMinor: minor,
  capacity: z.int(),
  held: z.int(),
  sold: z.int(),
  free: z.int(),
});
export type StockAnswer = z.infer<typeof stock>;

export const programAuditSchema = z.object({
  programId: z.string(),
  asOf,
  currency: z.string(),
  window: z.object({ opensAtMs: z.int(), closesAtMs: z.int() }),
  ended: z.boolean(),
  stock: z.array(stock),
  holds: z.object({
    count: z.int(),
    places: z.int(),
    first: z
      .array(
        z.object({
          holdToken: z.string(),
          buyer: z.string(),
          places: z.array(placeAnswer),
          expiresAtMs: z.int(),
        }),
      )
      .describe('Those that expire first.'),
  }),
  orders: z.object({
    count: z.int(),
    byStatus: z.partialRecord(status, z.object({ orders: z.int(), tickets: z.int(), amountMinor: minor })),
    awaitingPayment: z
      .array(
        z.object({
          orderNumber: z.string(),
          buyer: z.string().nullable(),
          tickets: z.int(),
          amountMinor: minor,
          deadlineMs: z.int(),
        }),
      )
      .describe('Those whose deadline comes first.'),
  }),
  money,
  found,
});
export type ProgramAudit = z.infer<typeof programAuditSchema>;

export type AsOf = z.infer<typeof asOf>;
export type Found = z.infer<typeof found>;
export type OrderStep = z.infer<typeof orderStep>;
export type OrderFacts = Omit<OrderOfBuyer, 'places' | 'firstEvent' | 'lastEvent'>;
export type PaymentAnswer = z.infer<typeof payment>;
