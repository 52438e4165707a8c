import { describe, expect, it } from 'vitest';
import type { SaleCommand, SaleEvent, SaleRefusalCode } from '../../../src/domain/sale/index.ts';
import { categoryIdSchema } from '../../../src/domain/shared/ids.ts';
import {
  ANN,
  BEN,
  CLOSES_AT_MS,
  given,
  HOLD_TTL_MS,
  historyOf,
  holdSeats,
  idOf,
  NOW_MS,
  OPENS_AT_MS,
  people,
  placeOrder,
  STALLS,
  STANDING,
  started,
} from './fixtures.ts';

const holdToken = idOf.hold('hold-1');
const release: SaleCommand = { type: 'ReleaseHold', holdToken, buyer: ANN };
const expire: SaleCommand = { type: 'ExpireHold', holdToken, nowMs: NOW_MS + HOLD_TTL_MS };
const order = placeOrder({ want: { by: 'hold', holdToken } });
const places: [number, number][] = [
  [STALLS, 0],
  [STALLS, 1],
];

function refuses(code: SaleRefusalCode, command: SaleCommand, history: readonly SaleEvent[] = [started()]) {
  given(...history)
    .when(command)
    .then({ kind: 'refused', code });
}

describe('A hold', () => {
  it('takes the seats that the buyer picked, for a while', () => {
    const held = { holdToken, places, together: 'row' as const, expiresAtMs: NOW_MS + HOLD_TTL_MS };
    const content = expect.any(Number) as number;
    given(started())
      .when(holdSeats())
      .then({ kind: 'seats_held', ...held }, [{ type: 'SeatsHeld', data: { ...held, buyer: ANN, content } }]);
    given(...historyOf(holdSeats()))
      .when(holdSeats())
      .then({ kind: 'seats_held', ...held });
    refuses('seats_unavailable', placeOrder({ buyer: BEN }), historyOf(holdSeats()));
  });
  it('can be of general admission, and of the best seats', () => {
    const wantOf = (id: string) =>
      ({ by: 'category', category: categoryIdSchema.parse(id), count: 2 }) as const;
    const standing = given(started()).when(holdSeats({ want: wantOf('standing') })).decision.outcome;
    expect(standing).toMatchObject({
      kind: 'seats_held',
      places: [
        [STANDING, null],
        [STANDING, null],
      ],
    });
    const stalls = given(started()).when(holdSeats({ want: wantOf('stalls') })).decision.outcome;
    expect(stalls).toMatchObject({ kind: 'seats_held', places });
  });
  it('is refused like an order', () => {
    const seats = (...numbers: number[]) => ({ by: 'seats', seats: numbers }) as const;
    refuses('sale_not_open', holdSeats({ nowMs: OPENS_AT_MS - 1 }));
    refuses('sale_closed', holdSeats({ nowMs: CLOSES_AT_MS }));
    refuses('ticket_count_mismatch', holdSeats({ want: seats() }));
    refuses('limit_per_order', holdSeats({ want: seats(0, 1, 2, 3, 4) }));
    refuses('unknown_seat', holdSeats({ want: seats(99) }));
    refuses('seat_repeated', holdSeats({ want: seats(1, 1) }));
    refuses('seats_unavailable', holdSeats({ want: seats(13) }));
    const first = historyOf(holdSeats({ want: seats(0, 1, 2, 3) }));
    refuses('limit_per_buyer', holdSeats({ holdToken: idOf.hold('hold-2'), want: seats(5, 6, 7) }), first);
    refuses('duplicate_hold_token', holdSeats({ want: seats(5) }), first);
    refuses('duplicate_hold_token', holdSeats({ buyer: BEN }), historyOf(holdSeats()));
  });
  it('that has ended is not taken again by a repeated request', () => {
    refuses('hold_ended', holdSeats(), historyOf(holdSeats(), release));
    refuses('hold_expired', holdSeats(), historyOf(holdSeats(), expire));
    refuses('hold_ended', holdSeats(), historyOf(holdSeats(), order));
  });
});

describe('Releasing a hold', () => {
  it('gives its seats back, once', () => {
    const outcome = { kind: 'hold_released', holdToken } as const;
    given(...historyOf(holdSeats()))
      .when(release)
      .then(outcome, [{ type: 'HoldReleased', data: { holdToken, places } }]);
    given(...historyOf(holdSeats(), release))
      .when(release)
      .then(outcome);
    expect(historyOf(holdSeats(), release, placeOrder({ buyer: BEN }))).toHaveLength(4);
  });
  it('is for its buyer, while it lasts', () => {
    refuses('hold_not_found', release);
    refuses('hold_not_yours', { ...release, buyer: BEN }, historyOf(holdSeats()));
    refuses('hold_expired', release, historyOf(holdSeats(), expire));
    refuses('hold_ended', release, historyOf(holdSeats(), order));
  });
});

describe('Expiring a hold', () => {
  it('gives its seats back, once, from its end on', () => {
    const outcome = { kind: 'hold_expired', holdToken } as const;
    given(...historyOf(holdSeats()))
      .when(expire)
      .then(outcome, [{ type: 'HoldExpired', data: { holdToken, places } }]);
    given(...historyOf(holdSeats(), expire))
      .when(expire)
      .then(outcome);
    refuses('hold_not_due', { ...expire, nowMs: NOW_MS + HOLD_TTL_MS - 1 }, historyOf(holdSeats()));
  });
  it('has nothing to do with holds that ended otherwise', () => {
    refuses('hold_not_found', expire);
    refuses('hold_ended', expire, historyOf(holdSeats(), release));
    refuses('hold_ended', expire, historyOf(holdSeats(), order));
  });
});

describe('An order of held seats', () => {
  it('takes the hold over', () => {
    const { outcome, events } = given(...historyOf(holdSeats())).when(order).decision;
    expect(outcome).toMatchObject({ kind: 'order_placed', places, amountMinor: 1000 });
    expect(events).toMatchObject([
      { type: 'OrderPlaced', data: { holdToken, tickets: [{ seat: 0 }, { seat: 1 }] } },
    ]);
    given(...historyOf(holdSeats(), order))
      .when(order)
      .then(outcome);
  });
  it('leaves the buyer the rest of the limit', () => {
    const four = holdSeats({ want: { by: 'seats', seats: [0, 1, 2, 3] } });
    const orderOfFour = { ...order, ticketUsers: people(1, 2, 3, 4) };
    const twoMore = placeOrder({
      orderNumber: idOf.order(2),
      requestId: idOf.request(2),
      ticketUsers: people(5, 6),
      want: { by: 'seats', seats: [5, 6] },
    });
    expect(historyOf(four, orderOfFour, twoMore)).toHaveLength(4);
  });
  it('needs a hold that is there, lasts, and is the buyer’s', () => {
    refuses('hold_not_found', order);
    refuses('hold_not_yours', { ...order, buyer: BEN }, historyOf(holdSeats()));
    refuses('hold_expired', { ...order, nowMs: NOW_MS + HOLD_TTL_MS }, historyOf(holdSeats()));
    refuses('hold_expired', order, historyOf(holdSeats(), expire));
    refuses('hold_ended', order, historyOf(holdSeats(), release));
  });
  it('is for as many people as places are held', () => {
    refuses('ticket_count_mismatch', { ...order, ticketUsers: people(1) }, historyOf(holdSeats()));
  });
});
