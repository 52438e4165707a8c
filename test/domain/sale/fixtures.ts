/** A small hall and its people, in the words that the sale's specs are written in. */
import {
  type HoldSeats,
  type PlaceOrder,
  type QueuePosition,
  type SaleEvent,
  type SaleTerms,
  saleDecider,
  saleTermsSchema,
} from '../../../src/domain/sale/index.ts';
import {
  categoryIdSchema,
  holdTokenSchema,
  idDocumentHashSchema,
  orderNumberSchema,
  paymentNumberSchema,
  requestIdSchema,
  ticketUserIdSchema,
  userIdSchema,
} from '../../../src/domain/shared/ids.ts';
import { amountMinorSchema } from '../../../src/domain/shared/money.ts';
import { specificationOf } from '../../support/given.ts';

const MINUTE = 60_000;
export const OPENS_AT_MS = 1_000_000;
export const NOW_MS = OPENS_AT_MS + MINUTE;
export const CLOSES_AT_MS = OPENS_AT_MS + 1_000 * MINUTE;
export const HOLD_TTL_MS = 5 * MINUTE;
export const PAYMENT_TTL_MS = 15 * MINUTE;
export const STALLS = 0;
export const STANDING = 1;

export const given = specificationOf(saleDecider);
export const idOf = {
  category: (id: string) => categoryIdSchema.parse(id),
  user: (name: string) => userIdSchema.parse(name),
  order: (number: number | string) => orderNumberSchema.parse(String(number)),
  payment: (number: number) => paymentNumberSchema.parse(String(number)),
  hold: (token: string) => holdTokenSchema.parse(token),
  request: (number: number) => requestIdSchema.parse(number.toString(16).padStart(8, '0').padEnd(32, 'f')),
  document: (number: number) =>
    idDocumentHashSchema.parse(number.toString(16).padStart(8, '0').padEnd(32, 'd')),
  money: (amountMinor: number) => amountMinorSchema.parse(amountMinor),
};
export const ANN = idOf.user('ann');
export const BEN = idOf.user('ben');

/**
 * Stalls: row A has the seats 0–4, row B the seats 5–9 with an aisle after 7, row C the seats 10–13, of which 12 is
 * accessible and 13 blocked. Behind them 3 people may stand.
 */
export function terms(change: Partial<Record<keyof SaleTerms, unknown>> = {}): SaleTerms {
  return saleTermsSchema.parse({
    programId: 'swan-lake',
    currency: 'CNY',
    layout: [
      {
        kind: 'seated',
        id: 'stalls',
        priceMinor: 500,
        sections: [
          {
            name: 'Stalls',
            rows: [
              { rows: 'A', seats: '1-5' },
              { rows: 'B', seats: '1-5', aislesAfter: '3' },
              { rows: 'C', seats: '1-4', accessible: '3', blocked: '4' },
            ],
          },
        ],
      },
      { kind: 'general', id: 'standing', priceMinor: 200, capacity: 3 },
    ],
    limits: { perOrder: 4, perBuyer: 6 },
    oneTicketPerIdDocument: true,
    opensAtMs: OPENS_AT_MS,
    closesAtMs: CLOSES_AT_MS,
    holdTtlMs: HOLD_TTL_MS,
    paymentTtlMs: PAYMENT_TTL_MS,
    ...change,
  });
}

export function started(change: Partial<Record<keyof SaleTerms, unknown>> = {}): SaleEvent {
  return { type: 'SaleStarted', data: terms(change) };
}

/** Ticket users with the ids and documents of these numbers. */
export function people(...numbers: readonly number[]): PlaceOrder['ticketUsers'] {
  return numbers.map((number) => ({
    ticketUser: ticketUserIdSchema.parse(`person-${number}`),
    idDocument: idOf.document(number),
  }));
}

/** Ann's order 1 of seats 0 and 1 for persons 1 and 2, unless told otherwise. */
export function placeOrder(change: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: 'PlaceOrder',
    nowMs: NOW_MS,
    orderNumber: idOf.order(1),
    buyer: ANN,
    requestId: idOf.request(1),
    ticketUsers: people(1, 2),
    want: { by: 'seats', seats: [0, 1] },
    ...change,
  };
}

/** Ann holds seats 0 and 1 as `hold-1`, unless told otherwise. */
export function holdSeats(change: Partial<HoldSeats> = {}): HoldSeats {
  return {
    type: 'HoldSeats',
    nowMs: NOW_MS,
    holdToken: idOf.hold('hold-1'),
    buyer: ANN,
    want: { by: 'seats', seats: [0, 1] },
    ...change,
  };
}

/** The events that this command leads to; throws when it leads to none. */
export function eventsOf(
  command: Parameters<typeof saleDecider.decide>[0],
  ...history: readonly SaleEvent[]
): SaleEvent[] {
  const { outcome, events } = given(...history).when(command).decision;
  if (events.length === 0) throw new Error(`Nothing happened: ${JSON.stringify(outcome)}`);
  return [...events];
}

/** A history in which these commands were given one after another. */
export function historyOf(...commands: readonly Parameters<typeof saleDecider.decide>[0][]): SaleEvent[] {
  const history: SaleEvent[] = [started()];
  for (const command of commands) history.push(...eventsOf(command, ...history));
  return history;
}

export const queue = (revision: number, lane = 0): QueuePosition => ({ lane, revision });
