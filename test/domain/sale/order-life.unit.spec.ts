import { describe, expect, it } from 'vitest';
import type { SaleCommand, SaleEvent, SaleRefusalCode } from '../../../src/domain/sale/index.ts';
import { categoryIdSchema } from '../../../src/domain/shared/ids.ts';
import {
  ANN,
  BEN,
  given,
  historyOf,
  idOf,
  NOW_MS,
  PAYMENT_TTL_MS,
  people,
  placeOrder,
  STALLS,
  STANDING,
  started,
} from './fixtures.ts';

const orderNumber = idOf.order(1);
const paymentNumber = idOf.payment(100);
const cancel: SaleCommand = { type: 'CancelOrder', orderNumber, buyer: ANN };
const expire: SaleCommand = { type: 'ExpireOrder', orderNumber, nowMs: NOW_MS + PAYMENT_TTL_MS };
const issue: SaleCommand = { type: 'IssueTickets', orderNumber };
const refund: SaleCommand = { type: 'RefundOrder', orderNumber };
const pay = (payment = 100, amountMinor = 1000): SaleCommand => ({
  type: 'ConfirmPayment',
  orderNumber,
  paymentNumber: idOf.payment(payment),
  amountMinor: idOf.money(amountMinor),
});
const places: [number, number][] = [
  [STALLS, 0],
  [STALLS, 1],
];
/** Ben's order 2 of these seats. */
const bensOrder = (seats: readonly number[], persons: readonly number[]) =>
  placeOrder({
    orderNumber: idOf.order(2),
    requestId: idOf.request(2),
    buyer: BEN,
    ticketUsers: people(...persons),
    want: { by: 'seats', seats },
  });

function refuses(code: SaleRefusalCode, command: SaleCommand, history: readonly SaleEvent[]) {
  given(...history)
    .when(command)
    .then({ kind: 'refused', code });
}
function refundDue(code: SaleRefusalCode, payment = 100, amountMinor = 1000) {
  return {
    kind: 'refund_due',
    orderNumber,
    paymentNumber: idOf.payment(payment),
    amountMinor: idOf.money(amountMinor),
    code,
  } as const;
}

describe('Cancelling an order', () => {
  it('gives its seats back, once', () => {
    given(...historyOf(placeOrder()))
      .when(cancel)
      .then({ kind: 'order_cancelled', orderNumber }, [
        { type: 'OrderCancelled', data: { orderNumber, places } },
      ]);
    given(...historyOf(placeOrder(), cancel))
      .when(cancel)
      .then({ kind: 'order_cancelled', orderNumber });
    const { outcome } = given(...historyOf(placeOrder(), cancel)).when(bensOrder([0, 1], [1, 2])).decision;
    expect(outcome.kind).toBe('order_placed');
  });
  it('is for its buyer, and for orders that await their payment', () => {
    refuses('order_not_found', cancel, [started()]);
    refuses('not_your_order', { ...cancel, buyer: BEN }, historyOf(placeOrder()));
    refuses('order_already_paid', cancel, historyOf(placeOrder(), pay()));
    refuses('order_expired', cancel, historyOf(placeOrder(), expire));
    refuses('order_refunded', cancel, historyOf(placeOrder(), pay(), refund));
  });
});

describe('Expiring an order', () => {
  it('gives its seats back, once, from its deadline on', () => {
    given(...historyOf(placeOrder()))
      .when(expire)
      .then({ kind: 'order_expired', orderNumber }, [
        { type: 'OrderExpired', data: { orderNumber, places } },
      ]);
    given(...historyOf(placeOrder(), expire))
      .when(expire)
      .then({ kind: 'order_expired', orderNumber });
    refuses('order_not_due', { ...expire, nowMs: NOW_MS + PAYMENT_TTL_MS - 1 }, historyOf(placeOrder()));
  });
  it('never touches a paid order', () => {
    refuses('order_already_paid', expire, historyOf(placeOrder(), pay()));
    refuses('order_already_paid', expire, historyOf(placeOrder(), pay(), issue));
  });
  it('has nothing to do with orders that are cancelled or unknown', () => {
    refuses('order_cancelled', expire, historyOf(placeOrder(), cancel));
    refuses('order_not_found', expire, [started()]);
  });
});

describe('A captured payment', () => {
  it('turns the held seats into sold ones, once', () => {
    const data = { orderNumber, paymentNumber, amountMinor: idOf.money(1000), places };
    given(...historyOf(placeOrder()))
      .when(pay())
      .then({ kind: 'order_paid', orderNumber, paymentNumber }, [{ type: 'OrderPaid', data }]);
    given(...historyOf(placeOrder(), pay()))
      .when(pay())
      .then({ kind: 'order_paid', orderNumber, paymentNumber });
  });
  it('is good after the deadline while the order has not expired', () => {
    const history = historyOf(placeOrder(), { type: 'EndSale', nowMs: NOW_MS });
    expect(given(...history).when(pay()).decision.outcome.kind).toBe('order_paid');
  });
  it('of another amount is due back', () => {
    given(...historyOf(placeOrder()))
      .when(pay(100, 999))
      .then(refundDue('amount_mismatch', 100, 999));
  });
  it('of an order that is paid already is due back', () => {
    given(...historyOf(placeOrder(), pay()))
      .when(pay(101))
      .then(refundDue('order_already_paid', 101));
    given(...historyOf(placeOrder(), pay(), refund))
      .when(pay(101))
      .then(refundDue('order_already_paid', 101));
  });
  it('of an order that nobody knows, or knows any more, is due back', () => {
    given(started()).when(pay()).then(refundDue('order_not_found'));
    given().when(pay()).then(refundDue('order_not_found'));
  });
});

describe('A payment that was captured after its order had ended', () => {
  const paid = (seats: [number, number | null][]): SaleEvent => ({
    type: 'OrderPaid',
    data: { orderNumber, paymentNumber, amountMinor: idOf.money(1000), places: seats },
  });
  const reseated = (seats: [number, number][], sameSeats: boolean): SaleEvent => ({
    type: 'OrderReseated',
    data: { orderNumber, places: seats, together: 'row', sameSeats },
  });
  it.each([
    ['expired', expire],
    ['cancelled', cancel],
  ] as const)('(%s) gets its seats if they are free', (_, end) => {
    given(...historyOf(placeOrder(), end))
      .when(pay())
      .then({ kind: 'order_paid', orderNumber, paymentNumber }, [reseated(places, true), paid(places)]);
    given(...historyOf(placeOrder(), end, pay()))
      .when(pay())
      .then({ kind: 'order_paid', orderNumber, paymentNumber });
  });
  it('gets equal seats when one of its own is taken', () => {
    const others: [number, number][] = [
      [STALLS, 3],
      [STALLS, 4],
    ];
    given(...historyOf(placeOrder(), expire, bensOrder([1, 2], [8, 9])))
      .when(pay())
      .then({ kind: 'order_paid', orderNumber, paymentNumber }, [reseated(others, false), paid(others)]);
  });
  it('gets its places in general admission while there are any', () => {
    const want = { by: 'category', category: categoryIdSchema.parse('standing'), count: 2 } as const;
    const order = placeOrder({ want });
    const { outcome, events } = given(...historyOf(order, expire)).when(pay(100, 400)).decision;
    expect(outcome.kind).toBe('order_paid');
    expect(events[0]?.data).toMatchObject({
      places: [
        [STANDING, null],
        [STANDING, null],
      ],
      sameSeats: true,
    });
    const taken = placeOrder({ ...bensOrder([], [8, 9]), want });
    given(...historyOf(order, expire, taken))
      .when(pay(100, 400))
      .then(refundDue('sold_out', 100, 400), [
        {
          type: 'LatePaymentRefused',
          data: { orderNumber, paymentNumber, amountMinor: idOf.money(400), code: 'sold_out' },
        },
      ]);
  });
  it('is due back when only worse seats are left, and stays so when better ones come free', () => {
    const one = (order: number, person: number, seats: readonly number[]) =>
      placeOrder({
        orderNumber: idOf.order(order),
        requestId: idOf.request(order),
        buyer: idOf.user(`buyer-${order}`),
        ticketUsers: people(...seats.map((_, index) => person + index)),
        want: { by: 'seats', seats },
      });
    const history = historyOf(placeOrder(), expire, one(2, 10, [1, 3]), one(3, 20, [6, 8]), one(4, 30, [10]));
    const refused: SaleEvent = {
      type: 'LatePaymentRefused',
      data: { orderNumber, paymentNumber, amountMinor: idOf.money(1000), code: 'not_together' },
    };
    given(...history)
      .when(pay())
      .then(refundDue('not_together'), [refused]);
    const cancelled: SaleEvent = {
      type: 'OrderCancelled',
      data: {
        orderNumber: idOf.order(2),
        places: [
          [STALLS, 1],
          [STALLS, 3],
        ],
      },
    };
    given(...history, refused, cancelled)
      .when(pay())
      .then(refundDue('not_together'));
    given(...history, refused, cancelled)
      .when(pay(101))
      .then(refundDue('not_together', 101));
  });
  it('is due back when a document or the limit of the buyer has been used meanwhile', () => {
    const sameDocument = given(...historyOf(placeOrder(), expire, bensOrder([5], [2]))).when(pay()).decision;
    expect(sameDocument.outcome).toEqual(refundDue('id_document_already_used'));
    const annsOthers = [
      placeOrder({
        orderNumber: idOf.order(3),
        requestId: idOf.request(3),
        ticketUsers: people(3, 4, 5, 6),
        want: { by: 'seats', seats: [5, 6, 7, 8] },
      }),
      placeOrder({
        orderNumber: idOf.order(4),
        requestId: idOf.request(4),
        ticketUsers: people(7),
        want: { by: 'seats', seats: [9] },
      }),
    ];
    const full = given(...historyOf(placeOrder(), expire, ...annsOthers)).when(pay()).decision;
    expect(full.outcome).toEqual(refundDue('limit_per_buyer'));
  });
  it('is due back when the sale has been ended', () => {
    const history = historyOf(placeOrder(), expire, { type: 'EndSale', nowMs: NOW_MS });
    expect(given(...history).when(pay()).decision.outcome).toEqual(refundDue('sale_closed'));
  });
});

describe('Issuing tickets', () => {
  it('follows the payment, once', () => {
    const outcome = { kind: 'tickets_issued', orderNumber } as const;
    given(...historyOf(placeOrder(), pay()))
      .when(issue)
      .then(outcome, [{ type: 'TicketsIssued', data: { orderNumber } }]);
    given(...historyOf(placeOrder(), pay(), issue))
      .when(issue)
      .then(outcome);
  });
  it('never comes before it', () => {
    refuses('order_not_paid', issue, historyOf(placeOrder()));
    refuses('order_not_paid', issue, historyOf(placeOrder(), expire));
    refuses('order_refunded', issue, historyOf(placeOrder(), pay(), refund));
    refuses('order_not_found', issue, [started()]);
  });
});

describe('Refunding an order', () => {
  const outcome = { kind: 'order_refunded', orderNumber } as const;
  const refunded = (tickets: number[], amountMinor: number): SaleEvent => ({
    type: 'OrderRefunded',
    data: {
      orderNumber,
      paymentNumber,
      tickets,
      places: tickets.map((index): [number, number] => places[index] ?? [-1, -1]),
      amountMinor: idOf.money(amountMinor),
    },
  });
  it('gives all its seats back, once, paid or issued', () => {
    given(...historyOf(placeOrder(), pay()))
      .when(refund)
      .then(outcome, [refunded([0, 1], 1000)]);
    given(...historyOf(placeOrder(), pay(), issue))
      .when(refund)
      .then(outcome, [refunded([0, 1], 1000)]);
    given(...historyOf(placeOrder(), pay(), refund))
      .when(refund)
      .then(outcome);
    given(...historyOf(placeOrder(), pay(), refund))
      .when(pay())
      .then({ kind: 'order_paid', orderNumber, paymentNumber });
  });
  it('can be for some of its tickets, each of them once', () => {
    const second: SaleCommand = { ...refund, tickets: [1] };
    given(...historyOf(placeOrder(), pay()))
      .when(second)
      .then(outcome, [refunded([1], 500)]);
    const history = historyOf(placeOrder(), pay(), second);
    given(...history)
      .when(second)
      .then(outcome);
    given(...history)
      .when(refund)
      .then(outcome, [refunded([0], 500)]);
    expect(given(...history).when(bensOrder([1], [2])).decision.outcome.kind).toBe('order_placed');
    refuses('seats_unavailable', bensOrder([0], [3]), history);
  });
  it('is for paid orders and tickets that there are', () => {
    refuses('order_not_found', refund, [started()]);
    refuses('order_not_paid', refund, historyOf(placeOrder()));
    refuses('unknown_ticket', { ...refund, tickets: [2] }, historyOf(placeOrder(), pay()));
  });
});

describe('Ending a sale', () => {
  it('is on record once', () => {
    const end = { type: 'EndSale', nowMs: NOW_MS } as const;
    const ended: SaleEvent = { type: 'SaleEnded', data: { endedAtMs: NOW_MS } };
    given(started()).when(end).then({ kind: 'sale_ended' }, [ended]);
    given(started(), ended).when(end).then({ kind: 'sale_ended' });
  });
});
