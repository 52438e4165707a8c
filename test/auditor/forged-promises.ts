/** Logs that take back what a buyer was told: the time to pay, what was queued, and whose money pays for what. */
import type { ViolationCode } from '../../src/auditor/index.ts';
import { idOf, NOW_MS, people } from '../domain/sale/fixtures.ts';
import {
  ANN,
  BEN,
  begun,
  captured,
  DEADLINE_MS,
  expired,
  held,
  inPayment,
  inSale,
  issued,
  PROGRAM,
  paid,
  placed,
  placesOf,
  queued,
  refunded,
  refundRequested,
  requested,
  sold,
  type Told,
} from './story.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const recordedAt = (recordedAtMs: number, told: Told): Told => ({ ...told, recordedAtMs });
const first = { queue: { lane: 0, revision: 0 } };
const ticketsOf = (person: number, seats: readonly number[]) => ({
  tickets: people(...seats.map((_, index) => person + index)).map((one, index) => ({
    ...{ ...one, category: 0, seat: seats[index] ?? 0, priceMinor: idOf.money(500) },
  })),
});
const rejected = (number: number, code: 'sold_out' | 'duplicate_order_number' = 'sold_out') =>
  inSale({ type: 'OrderRejected', data: { orderNumber: idOf.order(number), buyer: ANN, code, ...first } });
const repeatOf = (number: number) =>
  inSale({
    type: 'OrderRepeated',
    data: { orderNumber: idOf.order(5), buyer: ANN, of: idOf.order(number), ...first },
  });
const holdExpired = (token: string, seats: readonly number[]) =>
  inSale({ type: 'HoldExpired', data: { holdToken: idOf.hold(token), places: placesOf(seats) } });
const lateRefused = (number: number, amountMinor: number) =>
  inSale({
    type: 'LatePaymentRefused',
    data: {
      ...{ orderNumber: idOf.order(number), paymentNumber: idOf.payment(number + 100), code: 'sold_out' },
      amountMinor: idOf.money(amountMinor),
    },
  });
const asked = (number: number, change: object) =>
  inPayment(number, 'PaymentRequested', {
    ...{ amountMinor: 500, currency: 'CNY', buyer: ANN, provider: 'simulated', requestedAtMs: 1, ...change },
  });
const given = (number: number, change: object) =>
  inPayment(number, 'RefundCompleted', {
    ...{ providerReference: `charge-${number}`, amountMinor: 500, currency: 'CNY', refundId: 'refund' },
    ...{ completedAtMs: 1, ...change },
  });

/** The same in the sale of another program, and of its payments. */
const elsewhere = (...story: readonly Told[]): Told[] =>
  story.map(({ stream, event }): Told => {
    const programId = `${PROGRAM}-2` as typeof PROGRAM;
    if (stream.startsWith('Sale-')) return { stream: `Sale-${programId}`, event };
    return { stream, event: { ...event, data: { ...event.data, programId } } as Told['event'] };
  });

export type Forgery = readonly [code: ViolationCode, what: string, story: readonly Told[]];

/** Each breaks one thing and is otherwise as sound as such a log can be. */
export const forgedPromises: readonly Forgery[] = [
  [
    'expired_early',
    'an order that expires before its buyer’s time is over',
    [placed(1, [0]), recordedAt(DEADLINE_MS - 2 * MINUTE_MS, expired(1, [0]))],
  ],
  [
    'expired_early',
    'a hold that expires before its time',
    [held('a', [3]), recordedAt(NOW_MS, holdExpired('a', [3]))],
  ],
  [
    'deadline_too_far',
    'an order that is given more time than all others',
    [
      placed(1, [0], { deadlineMs: DEADLINE_MS + HOUR_MS }),
      recordedAt(DEADLINE_MS + HOUR_MS, expired(1, [0])),
    ],
  ],
  [
    'deadline_too_far',
    'a hold that is given more time than all others',
    [recordedAt(NOW_MS - HOUR_MS, held('a', [3])), recordedAt(DEADLINE_MS + HOUR_MS, holdExpired('a', [3]))],
  ],
  [
    'decided_late',
    'an order that is placed when nobody waits for it any more',
    [queued(5, { deadlineMs: NOW_MS }), placed(5, [0], first), expired(5, [0])],
  ],
  [
    'order_not_as_queued',
    'a queued order of another request',
    [queued(5), placed(5, [0], { ...first, requestId: idOf.request(6) }), expired(5, [0])],
  ],
  [
    'order_not_as_queued',
    'a queued order for other people',
    [queued(5), placed(5, [0], { ...first, ...ticketsOf(70, [0]) }), expired(5, [0])],
  ],
  [
    'order_not_as_queued',
    'a queued order of other seats',
    [queued(5, { want: { by: 'seats', seats: [1] } }), placed(5, [0], first), expired(5, [0])],
  ],
  [
    'order_not_as_queued',
    'a queued order of another category',
    [
      queued(5, { want: { by: 'category', category: idOf.category('standing'), count: 1 } }),
      placed(5, [0], first),
      expired(5, [0]),
    ],
  ],
  [
    'order_not_as_queued',
    'a queued order that leaves the hold it is of',
    [
      held('a', [3]),
      queued(5, { want: { by: 'hold', holdToken: idOf.hold('a') } }),
      placed(5, [0], first),
      ...[expired(5, [0]), holdExpired('a', [3])],
    ],
  ],
  [
    'order_not_as_queued',
    'a queued order that costs what its buyer did not expect',
    [queued(5, { expectedAmountMinor: idOf.money(400) }), placed(5, [0], first), expired(5, [0])],
  ],
  [
    'order_not_as_queued',
    'a party that would not be split and is',
    [
      queued(5, {
        ticketUsers: people(50, 51),
        want: { by: 'category', category: idOf.category('stalls'), count: 2, allowSplit: false },
      }),
      placed(5, [0, 9], { ...first, together: 'apart' }),
      expired(5, [0, 9]),
    ],
  ],
  [
    'decided_twice',
    'an order that is placed beside the queue that rejected it',
    [queued(5), rejected(5), placed(5, [0]), expired(5, [0])],
  ],
  [
    'decided_twice',
    'an order that is rejected from the queue and was placed beside it',
    [placed(5, [0]), queued(5), rejected(5), expired(5, [0])],
  ],
  [
    'decided_for_another',
    'the repetition of an order that is somebody else’s',
    [placed(1, [0], { buyer: BEN }), queued(5), repeatOf(1), expired(1, [0])],
  ],
  [
    'payment_amount_wrong',
    'an order paid in another currency',
    [
      ...[placed(1, [0]), asked(1, { currency: 'JPY' }), captured(1, 500, { currency: 'JPY' })],
      ...[paid(1, [0]), issued(1)],
    ],
  ],
  [
    'payment_amount_wrong',
    'a late payment that is refused with another amount',
    [
      ...[placed(1, [0]), expired(1, [0]), requested(1, 500), captured(1, 500), lateRefused(1, 400)],
      refundRequested(1, 500),
    ],
  ],
  [
    'payment_of_another_buyer',
    'an order paid with somebody else’s payment',
    [placed(1, [0]), asked(1, { buyer: BEN }), captured(1, 500), paid(1, [0]), issued(1)],
  ],
  [
    'refused_without_capture',
    'a late payment that never came',
    [placed(1, [0]), expired(1, [0]), requested(1, 500), lateRefused(1, 500)],
  ],
  [
    'refund_amount_wrong',
    'a refund that goes back in another currency',
    [...sold(1, [0]), refunded(1, [0], [0]), refundRequested(1, 500), given(1, { currency: 'JPY' })],
  ],
  [
    'charge_captured_twice',
    'a charge that pays an order of another program too',
    [
      ...sold(1, [0]),
      ...elsewhere(begun({ programId: `${PROGRAM}-2` }), requested(2, 500)),
      ...elsewhere(captured(2, 500, { providerReference: 'charge-1' })),
    ],
  ],
];

/** What looks like one of these and is not. */
export const keptPromises: readonly (readonly [what: string, story: readonly Told[]])[] = [
  [
    'have clocks that are a little apart',
    [recordedAt(NOW_MS - MINUTE_MS, placed(1, [0])), recordedAt(DEADLINE_MS - MINUTE_MS, expired(1, [0]))],
  ],
  [
    'have an order placed from the queue as it was asked for',
    [
      queued(5, {
        ticketUsers: people(50, 51),
        want: { by: 'seats', seats: [1, 0] },
        expectedAmountMinor: idOf.money(1_000),
      }),
      placed(5, [0, 1], first),
      expired(5, [0, 1]),
    ],
  ],
  [
    'refuse a number that is another order’s',
    [placed(5, [0]), queued(5), rejected(5, 'duplicate_order_number'), expired(5, [0])],
  ],
];
