import { describe, expect, it } from 'vitest';
import type { PlaceOrder, SaleEvent, SaleRefusalCode } from '../../../src/domain/sale/index.ts';
import { categoryIdSchema } from '../../../src/domain/shared/ids.ts';
import {
  ANN,
  BEN,
  CLOSES_AT_MS,
  eventsOf,
  given,
  historyOf,
  holdSeats,
  idOf,
  NOW_MS,
  OPENS_AT_MS,
  PAYMENT_TTL_MS,
  people,
  placeOrder,
  queue,
  STALLS,
  STANDING,
  started,
  terms,
} from './fixtures.ts';

const stalls = categoryIdSchema.parse('stalls');
const standing = categoryIdSchema.parse('standing');

function refuses(code: SaleRefusalCode, command: PlaceOrder, history: readonly SaleEvent[] = [started()]) {
  const { outcome, events } = given(...history).when(command).decision;
  expect(outcome).toMatchObject({ kind: 'refused', code });
  expect(events).toEqual([]);
}

function seatsOf(command: PlaceOrder, history: readonly SaleEvent[] = [started()]) {
  const { outcome } = given(...history).when(command).decision;
  if (outcome.kind !== 'order_placed') throw new Error(JSON.stringify(outcome));
  return { seats: outcome.places.map(([, seat]) => seat), together: outcome.together };
}

describe('Starting a sale', () => {
  it('puts the layout, the prices and the limits on record', () => {
    given().when({ type: 'StartSale', terms: terms() }).then({ kind: 'sale_started' }, [started()]);
  });
  it('twice changes nothing', () => {
    given(started()).when({ type: 'StartSale', terms: terms() }).then({ kind: 'sale_started' });
  });
  it('is refused when it runs already on other terms', () => {
    given(started())
      .when({ type: 'StartSale', terms: terms({ closesAtMs: CLOSES_AT_MS + 1 }) })
      .then({ kind: 'refused', code: 'sale_already_started' });
  });
  it('comes before everything else', () => {
    refuses('sale_not_open', placeOrder(), []);
  });
});

describe('An order', () => {
  it('takes the seats that the buyer named, at the prices of their categories', () => {
    given(started())
      .when(placeOrder())
      .then(
        {
          kind: 'order_placed',
          orderNumber: idOf.order(1),
          status: 'awaiting_payment',
          places: [
            [STALLS, 0],
            [STALLS, 1],
          ],
          together: 'row',
          amountMinor: idOf.money(1000),
          deadlineMs: NOW_MS + PAYMENT_TTL_MS,
        },
        [
          {
            type: 'OrderPlaced',
            data: {
              orderNumber: idOf.order(1),
              buyer: ANN,
              requestId: idOf.request(1),
              content: expect.any(Number) as number,
              tickets: people(1, 2).map((person, seat) => ({
                ...person,
                category: STALLS,
                seat,
                priceMinor: idOf.money(500),
              })),
              amountMinor: idOf.money(1000),
              together: 'row',
              deadlineMs: NOW_MS + PAYMENT_TTL_MS,
            },
          },
        ],
      );
  });
  it('gives the seats to the ticket users in the order named', () => {
    const [placed] = eventsOf(placeOrder({ want: { by: 'seats', seats: [6, 2] } }), started());
    expect(placed?.data).toMatchObject({ tickets: [{ ticketUser: 'person-1', seat: 6 }, { seat: 2 }] });
  });
  it('takes places in general admission by count', () => {
    const want = { by: 'category', category: standing, count: 2 } as const;
    const { outcome } = given(started()).when(placeOrder({ want })).decision;
    expect(outcome).toMatchObject({
      places: [
        [STANDING, null],
        [STANDING, null],
      ],
      together: 'unseated',
      amountMinor: 400,
    });
  });
  it('takes the best seats of a category', () => {
    const want = { by: 'category', category: stalls, count: 2 } as const;
    // The row in front of the focal point has five: in its middle a single seat would be left at either side.
    expect(seatsOf(placeOrder({ want }))).toEqual({ seats: [0, 1], together: 'row' });
  });
  it('never gives accessible or blocked seats to those who did not ask', () => {
    const history = historyOf(
      placeOrder({
        orderNumber: idOf.order(2),
        requestId: idOf.request(2),
        buyer: BEN,
        ticketUsers: people(7, 8, 9, 10),
        want: { by: 'seats', seats: [0, 1, 2, 3] },
      }),
      placeOrder({
        orderNumber: idOf.order(3),
        requestId: idOf.request(3),
        buyer: idOf.user('cid'),
        ticketUsers: people(11, 12, 13, 14),
        want: { by: 'seats', seats: [4, 5, 6, 7] },
      }),
      placeOrder({
        orderNumber: idOf.order(4),
        requestId: idOf.request(4),
        buyer: idOf.user('dan'),
        ticketUsers: people(15, 16, 17),
        want: { by: 'seats', seats: [8, 9, 10] },
      }),
    );
    refuses('sold_out', placeOrder({ want: { by: 'category', category: stalls, count: 2 } }), history);
    const one = { ticketUsers: people(1), want: { by: 'category', category: stalls, count: 1 } } as const;
    expect(seatsOf(placeOrder(one), history).seats).toEqual([11]);
    const accessible = { ...one, want: { ...one.want, accessible: true } };
    expect(seatsOf(placeOrder(accessible), history).seats).toEqual([12]);
    refuses(
      'seats_unavailable',
      placeOrder({ ticketUsers: people(1), want: { by: 'seats', seats: [13] } }),
      history,
    );
  });
  it('is split only when the buyer allows it', () => {
    const want = { by: 'category', category: stalls, count: 4, allowSplit: false } as const;
    const rowA = historyOf(
      placeOrder({ buyer: BEN, ticketUsers: people(8, 9), want: { by: 'seats', seats: [1, 2] } }),
    );
    const four = { orderNumber: idOf.order(2), requestId: idOf.request(2), ticketUsers: people(1, 2, 3, 4) };
    refuses('not_together', placeOrder({ ...four, want }), rowA);
    const split = seatsOf(placeOrder({ ...four, want: { ...want, allowSplit: true } }), rowA);
    expect(split).toEqual({ seats: [3, 4, 6, 7], together: 'two_rows' });
  });
});

describe('An order is refused', () => {
  it('before the sale opens and from its closing on', () => {
    refuses('sale_not_open', placeOrder({ nowMs: OPENS_AT_MS - 1 }));
    refuses('sale_closed', placeOrder({ nowMs: CLOSES_AT_MS }));
    refuses('sale_closed', placeOrder(), historyOf({ type: 'EndSale', nowMs: NOW_MS }));
  });
  it('when tickets and ticket users are not equally many', () => {
    refuses('ticket_count_mismatch', placeOrder({ ticketUsers: people(1) }));
    refuses('ticket_count_mismatch', placeOrder({ ticketUsers: [], want: { by: 'seats', seats: [] } }));
    const want = { by: 'category', category: stalls, count: 2.5 } as const;
    refuses('ticket_count_mismatch', placeOrder({ want }));
  });
  it('when it names a seat twice, or one that is not there, or a category that is not there', () => {
    refuses('seat_repeated', placeOrder({ want: { by: 'seats', seats: [3, 3] } }));
    refuses('unknown_seat', placeOrder({ want: { by: 'seats', seats: [3, 14] } }));
    refuses('unknown_seat', placeOrder({ want: { by: 'seats', seats: [-1, 1.5] } }));
    const category = categoryIdSchema.parse('balcony');
    refuses('unknown_category', placeOrder({ want: { by: 'category', category, count: 2 } }));
  });
  it('when one person would get two of its tickets', () => {
    refuses('ticket_user_repeated', placeOrder({ ticketUsers: people(1, 1) }));
    const [first, second] = people(1, 2);
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const sameDocument = [first, { ...second, idDocument: first.idDocument }];
    refuses('id_document_already_used', placeOrder({ ticketUsers: sameDocument }));
  });
  it('when a document has a ticket already, unless the program allows several', () => {
    const more = {
      orderNumber: idOf.order(2),
      requestId: idOf.request(2),
      buyer: BEN,
      ticketUsers: people(2, 3),
      want: { by: 'seats', seats: [5, 6] },
    } as const;
    refuses('id_document_already_used', placeOrder(more), historyOf(placeOrder()));
    const open = started({ oneTicketPerIdDocument: false });
    const history = [open, ...eventsOf(placeOrder(), open)];
    expect(seatsOf(placeOrder(more), history).seats).toEqual([5, 6]);
  });
  it('beyond the limit of an order', () => {
    refuses(
      'limit_per_order',
      placeOrder({ ticketUsers: people(1, 2, 3, 4, 5), want: { by: 'seats', seats: [0, 1, 2, 3, 4] } }),
    );
  });
  it('beyond the limit of a buyer, whose holds count too', () => {
    const four = placeOrder({ ticketUsers: people(1, 2, 3, 4), want: { by: 'seats', seats: [0, 1, 2, 3] } });
    const next = placeOrder({
      orderNumber: idOf.order(2),
      requestId: idOf.request(2),
      ticketUsers: people(5, 6, 7),
      want: { by: 'seats', seats: [5, 6, 7] },
    });
    refuses('limit_per_buyer', next, historyOf(four));
    const hold = holdSeats({ want: { by: 'seats', seats: [0, 1, 2, 3] } });
    refuses('limit_per_buyer', next, historyOf(hold));
    expect(seatsOf({ ...next, buyer: BEN }, historyOf(four)).seats).toEqual([5, 6, 7]);
  });
  it('when a seat is taken, or too few are left', () => {
    const next = {
      orderNumber: idOf.order(2),
      requestId: idOf.request(2),
      buyer: BEN,
      ticketUsers: people(5, 6),
    };
    refuses(
      'seats_unavailable',
      placeOrder({ ...next, want: { by: 'seats', seats: [1, 2] } }),
      historyOf(placeOrder()),
    );
    const want = { by: 'category', category: standing, count: 2 } as const;
    given(...historyOf(placeOrder({ want })))
      .when(placeOrder({ ...next, want }))
      .then({ kind: 'refused', code: 'sold_out', left: 1 });
  });
  it('at another price than the buyer was shown', () => {
    refuses('price_changed', placeOrder({ expectedAmountMinor: idOf.money(999) }));
    expect(seatsOf(placeOrder({ expectedAmountMinor: idOf.money(1000) })).seats).toEqual([0, 1]);
  });
});

describe('A request that comes again', () => {
  const history = historyOf(placeOrder());
  it('gets its order again and takes nothing', () => {
    const first = given(started()).when(placeOrder()).decision.outcome;
    given(...history)
      .when(placeOrder())
      .then(first);
    given(...history)
      .when(placeOrder({ nowMs: CLOSES_AT_MS }))
      .then(first);
  });
  it('gets its order even under a new order number', () => {
    const { outcome, events } = given(...history).when(placeOrder({ orderNumber: idOf.order(9) })).decision;
    expect(outcome).toMatchObject({ kind: 'order_placed', orderNumber: '1' });
    expect(events).toEqual([]);
  });
  it('gets its order after it was paid, cancelled or expired', () => {
    const cancelled = historyOf(placeOrder(), {
      type: 'CancelOrder',
      orderNumber: idOf.order(1),
      buyer: ANN,
    });
    const { outcome, events } = given(...cancelled).when(placeOrder()).decision;
    expect(outcome).toMatchObject({ kind: 'order_placed', status: 'cancelled' });
    expect(events).toEqual([]);
  });
  it('is refused when it asks for something else', () => {
    refuses('duplicate_order_number', placeOrder({ requestId: idOf.request(2) }), history);
    refuses('duplicate_order_number', placeOrder({ want: { by: 'seats', seats: [0, 2] } }), history);
    refuses('duplicate_order_number', placeOrder({ buyer: BEN }), history);
    const renumbered = placeOrder({ orderNumber: idOf.order(9), ticketUsers: people(1, 3) });
    refuses('request_id_reused', renumbered, history);
  });
});

describe('A queued order', () => {
  it('is decided once, however often the queue delivers it', () => {
    const queued = placeOrder({ queue: queue(7) });
    const history = historyOf(queued);
    expect(history.at(-1)?.data).toMatchObject({ queue: { lane: 0, revision: 7 } });
    given(...history)
      .when(queued)
      .then({ kind: 'already_decided', queue: queue(7) });
    const earlier = placeOrder({ orderNumber: idOf.order(2), requestId: idOf.request(2), queue: queue(6) });
    given(...history)
      .when(earlier)
      .then({ kind: 'already_decided', queue: queue(6) });
  });
  it('of another lane is decided by that lane', () => {
    const other = placeOrder({
      orderNumber: idOf.order(2),
      requestId: idOf.request(2),
      ticketUsers: people(3, 4),
      want: { by: 'seats', seats: [5, 6] },
      queue: queue(1, 255),
    });
    expect(seatsOf(other, historyOf(placeOrder({ queue: queue(7) }))).seats).toEqual([5, 6]);
  });
  it('that gets nothing is rejected in the log', () => {
    const queued = placeOrder({ want: { by: 'seats', seats: [0, 13] }, queue: queue(3) });
    const rejected: SaleEvent = {
      type: 'OrderRejected',
      data: { orderNumber: idOf.order(1), buyer: ANN, code: 'seats_unavailable', queue: queue(3) },
    };
    given(started()).when(queued).then({ kind: 'refused', code: 'seats_unavailable' }, [rejected]);
    given(started(), rejected)
      .when(queued)
      .then({ kind: 'already_decided', queue: queue(3) });
  });
  it('that repeats a request is pointed to the order there is', () => {
    const again = placeOrder({ orderNumber: idOf.order(5), queue: queue(8) });
    const data = { orderNumber: idOf.order(5), buyer: ANN, of: idOf.order(1), queue: queue(8) };
    const { outcome, events } = given(...historyOf(placeOrder({ queue: queue(7) }))).when(again).decision;
    expect(outcome).toMatchObject({ kind: 'order_placed', orderNumber: '1' });
    expect(events).toEqual([{ type: 'OrderRepeated', data }]);
  });
  it('that was placed stays placed when it comes again too late', () => {
    const late = { type: 'RejectOrder', orderNumber: idOf.order(1), buyer: ANN, code: 'abandoned' } as const;
    const history = historyOf(placeOrder({ queue: queue(7) }));
    const { outcome, events } = given(...history).when({ ...late, queue: queue(9) }).decision;
    expect(outcome).toMatchObject({ kind: 'order_placed', orderNumber: '1' });
    const data = { orderNumber: idOf.order(1), buyer: ANN, of: idOf.order(1), queue: queue(9) };
    expect(events).toEqual([{ type: 'OrderRepeated', data }]);
  });
  it('past its deadline is abandoned once and holds nothing', () => {
    const command = {
      type: 'RejectOrder',
      orderNumber: idOf.order(1),
      buyer: ANN,
      code: 'abandoned',
      queue: queue(4),
    } as const;
    const { type: _, ...data } = command;
    given(started())
      .when(command)
      .then({ kind: 'order_rejected', orderNumber: idOf.order(1), code: 'abandoned' }, [
        { type: 'OrderRejected', data },
      ]);
    const history = [started(), { type: 'OrderRejected', data } as const];
    given(...history)
      .when(command)
      .then({ kind: 'already_decided', queue: queue(4) });
    given(...history)
      .when(placeOrder({ queue: queue(4) }))
      .then({ kind: 'already_decided', queue: queue(4) });
  });
});
