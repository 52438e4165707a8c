/** The hall, the people and the orders that the chapters of the first release share. */
import { planOf } from '../../../src/commands/plan-sale.ts';
import type { PlaceOrder } from '../../../src/domain/sale/index.ts';
import { planContentSchema } from '../../../src/domain/sale-plan/index.ts';
import {
  categoryIdSchema,
  idDocumentHashSchema,
  programIdSchema,
  requestIdSchema,
  ticketUserIdSchema,
  type UserId,
  userIdSchema,
} from '../../../src/domain/shared/ids.ts';
import type { Teller } from '../teller.ts';
import type { Voices } from '../voices.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const SEAT_MINOR = 48_000;
export const STANDING_MINOR = 18_050;

/** Row A has the seats 0–5, row B 6–11 with an aisle behind 8, row C 12–15: 12 is blocked, 14 and 15 accessible. */
export const plan = planOf(
  planContentSchema.parse({
    currency: 'CNY',
    layout: [
      {
        kind: 'seated',
        id: 'stalls',
        priceMinor: SEAT_MINOR,
        sections: [
          {
            name: 'Stalls',
            rows: [
              { rows: 'A', seats: '1-6' },
              { rows: 'B', seats: '1-6', aislesAfter: '3' },
              { rows: 'C', seats: '1-4', blocked: '1', accessible: '3-4' },
            ],
          },
        ],
      },
      { kind: 'general', id: 'standing', priceMinor: STANDING_MINOR, capacity: 5 },
    ],
    categoryNames: [{ zh: '池座', en: 'Stalls' }, { zh: '站席' }],
    limits: { perOrder: 4, perBuyer: 6 },
    oneTicketPerIdDocument: true,
    holdTtlMs: 2 * MINUTE_MS,
    paymentTtlMs: 10 * MINUTE_MS,
  }),
);

export const SWAN_LAKE = programIdSchema.parse('swan-lake');
export const STORM = programIdSchema.parse('storm');
export const ANN = userIdSchema.parse('ann-7c1d');
export const BEN = userIdSchema.parse('ben-50e2');
export const CAI = userIdSchema.parse('cai-93aa');
export const STALLS = categoryIdSchema.parse('stalls');
export const STANDING = categoryIdSchema.parse('standing');

export type Telling = Teller & { readonly voices: Voices };

/** Of so many persons, each with a document that no other order names. */
export function orderOf(
  { orderNumber, digest, nowMs }: Telling,
  buyer: UserId,
  want: PlaceOrder['want'],
  persons: readonly number[],
): PlaceOrder {
  const number = orderNumber(buyer);
  return {
    type: 'PlaceOrder',
    nowMs: nowMs(),
    orderNumber: number,
    buyer,
    requestId: requestIdSchema.parse(digest(`request ${number}`)),
    ticketUsers: persons.map((person) => ({
      ticketUser: ticketUserIdSchema.parse(`person-${person}`),
      idDocument: idDocumentHashSchema.parse(digest(`document ${person}`)),
    })),
    want,
  };
}
