/** The checks of an order that need no lock: each refuses with its own code, and the first that applies counts. */
import { describe, expect, it } from 'vitest';
import { type Offer, type OrderRequest, refusalOf } from '../../src/commands/place-order.ts';
import { programIdSchema, ticketUserIdSchema } from '../../src/domain/shared/ids.ts';
import { ANN, idOf, terms } from '../domain/sale/fixtures.ts';

const SEATS = 14;
const offer: Offer = { terms: terms({ limits: { perOrder: 4, perBuyer: 6 } }), seatCount: SEATS };
const people = (...names: readonly string[]) => names.map((name) => ticketUserIdSchema.parse(name));

const asked = (change: Partial<OrderRequest>): OrderRequest => ({
  programId: programIdSchema.parse('swan-lake'),
  buyer: ANN,
  requestId: idOf.request(1),
  ticketUsers: people('ann', 'ben'),
  want: { by: 'category', category: idOf.category('stalls'), count: 2 },
  ...change,
});

describe('an order before the sale decides it', () => {
  it('passes when nothing is wrong with it', () => {
    expect(refusalOf(asked({}), offer)).toBeUndefined();
    expect(refusalOf(asked({ want: { by: 'seats', seats: [0, SEATS - 1] } }), offer)).toBeUndefined();
  });

  it('passes for a hold, whose places only the sale knows', () => {
    expect(refusalOf(asked({ want: { by: 'hold', holdToken: idOf.hold('h') } }), offer)).toBeUndefined();
  });

  const wrong: readonly (readonly [string, Partial<OrderRequest>, string])[] = [
    [
      'a category that the program does not have',
      { want: { by: 'category', category: idOf.category('balcony'), count: 2 } },
      'unknown_category',
    ],
    ['a seat that the hall does not have', { want: { by: 'seats', seats: [0, SEATS] } }, 'unknown_seat'],
    [
      'more tickets than an order may have',
      { ticketUsers: people('a', 'b', 'c', 'd', 'e') },
      'limit_per_order',
    ],
    ['a ticket user twice', { ticketUsers: people('ann', 'ann') }, 'ticket_user_repeated'],
    ['a seat twice', { want: { by: 'seats', seats: [3, 3] } }, 'seat_repeated'],
    ['more people than tickets', { ticketUsers: people('ann', 'ben', 'cat') }, 'ticket_count_mismatch'],
    ['fewer people than seats', { want: { by: 'seats', seats: [1, 2, 3] } }, 'ticket_count_mismatch'],
  ];
  it.each(wrong)('is refused for %s', (_what, change, code) => {
    expect(refusalOf(asked(change), offer)).toBe(code);
  });

  it('is refused while there is no sale', () => {
    expect(refusalOf(asked({}), undefined)).toBe('sale_not_open');
  });
});
