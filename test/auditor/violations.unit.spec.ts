/** A sound log breaks nothing, and each kind of violation that is forged into one is found by its own name. */
import { describe, expect, it } from 'vitest';
import { type ViolationCode, violations } from '../../src/auditor/violations.ts';
import { CLOSES_AT_MS, idOf, NOW_MS, OPENS_AT_MS, people, STANDING } from '../domain/sale/fixtures.ts';
import { type Forgery, forgedPromises, keptPromises } from './forged-promises.ts';
import {
  ANN,
  auditOf,
  BEN,
  begun,
  brokenBy,
  captured,
  DEADLINE_MS,
  expired,
  foundIn,
  held,
  inPayment,
  inProgram,
  inSale,
  issued,
  logged,
  PROGRAM,
  paid,
  placed,
  placesOf,
  queued,
  refundCompleted,
  refunded,
  refundRequested,
  requested,
  SALE,
  sold,
  soundStory,
  type Told,
} from './story.ts';

const queue = (revision: number) => ({ queue: { lane: 0, revision } });
const rejected = (revision: number, number = 5) =>
  inSale({
    type: 'OrderRejected',
    data: { orderNumber: idOf.order(number), buyer: ANN, code: 'sold_out', ...queue(revision) },
  });
const repeated = (revision: number, number: number, of: number) =>
  inSale({
    type: 'OrderRepeated',
    data: { orderNumber: idOf.order(number), buyer: ANN, of: idOf.order(of), ...queue(revision) },
  });
const standing = (number: number, count: number) =>
  placed(number, [], {
    tickets: people(...Array.from({ length: count }, (_, index) => number * 10 + index)).map((person) => ({
      ...{ ...person, category: STANDING, seat: null, priceMinor: idOf.money(200) },
    })),
    amountMinor: idOf.money(200 * count),
  });
const leftStanding = (number: number, count: number) =>
  inSale({
    type: 'OrderExpired',
    data: {
      orderNumber: idOf.order(number),
      places: Array.from({ length: count }, (): [number, null] => [STANDING, null]),
    },
  });
const reseated = (number: number, seats: readonly number[], sameSeats: boolean) =>
  inSale({
    type: 'OrderReseated',
    data: { orderNumber: idOf.order(number), places: placesOf(seats), together: 'row', sameSeats },
  });
const endOfSale = inSale({ type: 'SaleEnded', data: { endedAtMs: NOW_MS } });
const released = (token: string, seats: readonly number[]) =>
  inSale({ type: 'HoldReleased', data: { holdToken: idOf.hold(token), places: placesOf(seats) } });
const lateRefused = (number: number, amountMinor: number) =>
  inSale({
    type: 'LatePaymentRefused',
    data: {
      ...{ orderNumber: idOf.order(number), paymentNumber: idOf.payment(number + 100) },
      ...{ amountMinor: idOf.money(amountMinor), code: 'sold_out' },
    },
  });
const recordedLate = (told: Told): Told => ({ ...told, recordedAtMs: 2 * CLOSES_AT_MS });
const atMs = (placedAtMs: number) => ({ deadlineMs: DEADLINE_MS + placedAtMs - NOW_MS });
const scheduled = (opensAtMs: number) =>
  inProgram({ type: 'SaleScheduled', data: { programId: PROGRAM, opensAtMs, closesAtMs: CLOSES_AT_MS } });
const cancelled = inProgram({
  type: 'ProgramCancelled',
  data: { programId: PROGRAM, cancelledAtMs: NOW_MS, reason: 'rain' },
});

/** The same order for the people of another one. */
function withPeopleOf(other: number, told: Told): Told {
  if (told.event.type !== 'OrderPlaced') throw new Error('Only an order has documents.');
  const { data } = told.event;
  const [person] = people(other * 10);
  return inSale({
    type: 'OrderPlaced',
    data: { ...data, tickets: data.tickets.map((ticket) => ({ ...ticket, ...person })) },
  });
}

const priced = (number: number, seat: number, priceMinor: number): Told => {
  const [person] = people(number * 10);
  if (person === undefined) throw new Error('Somebody buys.');
  const ticket = { ...person, category: 0, seat, priceMinor: idOf.money(priceMinor) };
  return placed(number, [seat], { tickets: [ticket] });
};

/** Each breaks one thing and is otherwise as sound as such a log can be. */
const forgeries: readonly Forgery[] = [
  [
    'seat_has_two_owners',
    'a seat goes to a second order',
    [...sold(1, [0]), placed(2, [0], { buyer: BEN }), expired(2, [0])],
  ],
  ['seat_not_for_sale', 'a blocked seat is given away', [placed(1, [13]), expired(1, [13])]],
  ['seat_not_for_sale', 'a seat that the hall does not have', [placed(1, [99]), expired(1, [99])]],
  [
    'category_oversold',
    'more people than may stand',
    [standing(1, 2), standing(2, 2), leftStanding(1, 2), leftStanding(2, 2)],
  ],
  ['places_differ', 'an order that ends with fewer places than it had', [placed(1, [0, 1]), expired(1, [0])]],
  ['places_differ', 'an order that ends with other places', [placed(1, [0]), expired(1, [1])]],
  [
    'places_differ',
    'the same seats again that are others',
    [placed(1, [0]), expired(1, [0]), reseated(1, [1], true), expired(1, [1])],
  ],
  [
    'hold_of_another_buyer',
    'a hold that somebody else orders',
    [held('a', [3], BEN), placed(1, [3], { holdToken: idOf.hold('a') }), expired(1, [3])],
  ],
  [
    'hold_taken_late',
    'a hold that is ordered after its deadline',
    [
      held('a', [3]),
      recordedLate(placed(1, [3], { holdToken: idOf.hold('a'), ...atMs(NOW_MS + 6 * 60_000) })),
      recordedLate(expired(1, [3])),
    ],
  ],
  ['contradicts_history', 'an order that ends twice', [placed(1, [0]), expired(1, [0]), expired(1, [0])]],
  ['contradicts_history', 'a hold that ends twice', [held('a', [3]), released('a', [3]), released('a', [3])]],
  ['contradicts_history', 'a sale that starts twice', [begun()]],
  ['contradicts_history', 'the repetition of an order that never was', [queued(5), repeated(0, 5, 1)]],
  ['hold_not_ended', 'a hold that nobody ends', [held('a', [3])]],
  ['order_not_ended', 'an unpaid order that nobody ends', [placed(1, [0])]],
  [
    'order_number_twice',
    'an order number that is used again',
    [placed(1, [0]), expired(1, [0]), placed(1, [1], { requestId: idOf.request(9) })],
  ],
  ['queued_not_decided', 'a queued order that nobody decides', [queued(5)]],
  ['decided_but_not_queued', 'a decision about nothing', [rejected(7)]],
  ['decided_for_another', 'a decision that names another order', [queued(5), rejected(0, 6)]],
  ['ticket_price_wrong', 'a ticket at another price', [priced(1, 0, 499), expired(1, [0])]],
  [
    'order_amount_wrong',
    'an order that costs something else than its places',
    [placed(1, [0], { amountMinor: idOf.money(1) }), expired(1, [0])],
  ],
  [
    'payment_amount_wrong',
    'a capture of another amount than was asked for',
    [placed(1, [0]), requested(1, 600), captured(1, 500), paid(1, [0]), issued(1)],
  ],
  [
    'payment_amount_wrong',
    'an order paid with another amount than it costs',
    [placed(1, [0]), requested(1, 700), captured(1, 700), paid(1, [0], 700), issued(1)],
  ],
  [
    'capture_not_requested',
    'a capture that nobody asked for',
    [placed(1, [0]), captured(1, 500), paid(1, [0]), issued(1)],
  ],
  [
    'ticket_without_capture',
    'tickets of an order that nobody paid',
    [placed(1, [0]), issued(1), expired(1, [0])],
  ],
  [
    'tickets_not_issued',
    'a paid order that gets no tickets',
    [placed(1, [0]), requested(1, 500), captured(1, 500), paid(1, [0])],
  ],
  [
    'ticket_refunded_twice',
    'a ticket that goes back twice',
    [...sold(1, [0, 1]), refunded(1, [0], [0]), refunded(1, [0], [0]), refundRequested(1, 500)],
  ],
  [
    'refund_amount_wrong',
    'a refund of another amount than was asked for',
    [...sold(1, [0]), refunded(1, [0], [0]), refundRequested(1, 500), refundCompleted(1, 600)],
  ],
  ['refund_not_requested', 'a refund that nobody asked for', [...sold(1, [0]), refundCompleted(1, 500)]],
  [
    'refund_exceeds_capture',
    'a refund of more than was captured',
    [...sold(1, [0]), refunded(1, [0], [0]), refundRequested(1, 600)],
  ],
  [
    'money_lost',
    'captured money that nobody moves',
    [placed(1, [0]), expired(1, [0]), requested(1, 500), captured(1, 500)],
  ],
  [
    'money_lost',
    'a late payment that was refused and does not go back',
    [placed(1, [0]), expired(1, [0]), requested(1, 500), captured(1, 500), lateRefused(1, 500)],
  ],
  ['money_spent_twice', 'money that is kept and goes back', [...sold(1, [0, 1]), refundRequested(1, 500)]],
  [
    'payment_of_another_order',
    'an order paid by the payment of another one',
    [
      placed(1, [0]),
      placed(2, [1]),
      requested(1, 500),
      captured(1, 500),
      inSale({
        type: 'OrderPaid',
        data: {
          ...{ orderNumber: idOf.order(2), paymentNumber: idOf.payment(101), amountMinor: idOf.money(500) },
          places: placesOf([1]),
        },
      }),
      issued(2),
      expired(1, [0]),
    ],
  ],
  [
    'order_too_large',
    'an order of more tickets than allowed',
    [placed(1, [0, 1, 2, 3, 4]), expired(1, [0, 1, 2, 3, 4])],
  ],
  [
    'buyer_over_limit',
    'a buyer with more tickets than allowed',
    [placed(1, [0, 1, 2, 3]), placed(2, [5, 6, 7]), expired(1, [0, 1, 2, 3]), expired(2, [5, 6, 7])],
  ],
  [
    'id_document_twice',
    'a document with two tickets',
    [placed(1, [0]), withPeopleOf(1, placed(2, [1])), expired(1, [0]), expired(2, [1])],
  ],
  [
    'request_ordered_twice',
    'two orders of one request',
    [placed(1, [0]), placed(2, [1], { requestId: idOf.request(1) }), expired(1, [0]), expired(2, [1])],
  ],
  ['hold_taken_twice', 'a hold that is taken twice', [held('a', [3]), released('a', [3]), held('a', [4])]],
  ['queued_twice', 'a number that is queued twice', [queued(5), rejected(0), queued(5), rejected(1)]],
  ['decided_twice', 'a queued order that is decided twice', [queued(5), rejected(0), rejected(0)]],
  ['order_paid_twice', 'an order that is paid twice', [...sold(1, [0]), paid(1, [0])]],
  ['payment_requested_twice', 'a payment that is requested twice', [requested(1, 500), requested(1, 500)]],
  ['charge_captured_twice', 'a callback that captures twice', [...sold(1, [0]), captured(1, 500)]],
  [
    'charge_captured_twice',
    'a charge that pays two orders',
    [...sold(1, [0]), requested(2, 500), captured(2, 500, { providerReference: 'charge-1' })],
  ],
  ['tickets_issued_twice', 'tickets that are issued twice', [...sold(1, [0]), issued(1)]],
  [
    'refund_requested_twice',
    'a refund that is requested twice',
    [...sold(1, [0]), refunded(1, [0], [0]), refundRequested(1, 500), refundRequested(1, 500)],
  ],
  [
    'refund_completed_twice',
    'a refund that is completed twice',
    [
      ...[...sold(1, [0]), refunded(1, [0], [0]), refundRequested(1, 500)],
      ...[refundCompleted(1, 500), refundCompleted(1, 500)],
    ],
  ],
  [
    'sold_outside_hours',
    'an order before the hours',
    [placed(1, [0], atMs(OPENS_AT_MS - 1)), expired(1, [0])],
  ],
  [
    'sold_outside_hours',
    'an order when the hours are over',
    [recordedLate(placed(1, [0], atMs(CLOSES_AT_MS))), recordedLate(expired(1, [0]))],
  ],
  ['sold_after_the_end', 'an order after the end', [endOfSale, placed(1, [0]), expired(1, [0])]],
  [
    'sold_after_the_end',
    'seats for a late payment after the end',
    [placed(1, [0]), expired(1, [0]), endOfSale, reseated(1, [0], true), expired(1, [0])],
  ],
  ['hours_not_followed', 'a program whose new hours the sale has not got', [scheduled(OPENS_AT_MS + 1)]],
  ['end_not_followed', 'a cancelled program that still sells', [cancelled]],
  [
    'cancelled_not_refunded',
    'a cancelled program that keeps the money',
    [...sold(1, [0]), cancelled, endOfSale],
  ],
];

describe('A sound log', () => {
  it('breaks nothing', () => {
    expect(brokenBy(...soundStory())).toEqual([]);
  });

  it('is counted to the seat and to the minor unit', () => {
    const [audited] = auditOf(logged(soundStory())).programs;
    expect(audited?.stock).toEqual([
      { categoryId: 'stalls', capacity: 13, held: 0, sold: 1 },
      { categoryId: 'standing', capacity: 3, held: 0, sold: 0 },
    ]);
    expect(audited?.balance).toEqual({
      payments: 1,
      capturedMinor: 1_000,
      issuedMinor: 500,
      refundedMinor: 500,
      awaitingMinor: 0,
    });
    expect(audited?.orders.get('1')).toMatchObject({ status: 'issued', refundedMinor: 500 });
  });

  it.each<readonly [string, readonly Told[]]>([
    [
      'hand the seats of a hold to the order of its buyer',
      [held('a', [3, 4]), placed(1, [3, 4], { holdToken: idOf.hold('a') }), expired(1, [3, 4])],
    ],
    ['have a refund under way', [...sold(1, [0, 1]), refunded(1, [0], [0]), refundRequested(1, 500)]],
    [
      'seat a late payment elsewhere',
      [
        ...[placed(1, [0]), expired(1, [0]), requested(1, 500), captured(1, 500)],
        ...[reseated(1, [1], false), paid(1, [1]), issued(1)],
      ],
    ],
    [
      'send a late payment back',
      [
        ...[placed(1, [0]), expired(1, [0]), requested(1, 500), captured(1, 500)],
        ...[lateRefused(1, 500), refundRequested(1, 500)],
      ],
    ],
    [
      'give a document a ticket after another',
      [placed(1, [0]), expired(1, [0]), withPeopleOf(1, placed(2, [0])), expired(2, [0])],
    ],
    ['have a queued order decided', [queued(5), rejected(0)]],
    ['have a program that its sale follows', [scheduled(OPENS_AT_MS)]],
    ...keptPromises,
    [
      'cancel a program and give everything back',
      [...sold(1, [0]), cancelled, endOfSale, refunded(1, [0], [0]), refundRequested(1, 500)],
    ],
  ])('may %s', (_, story) => {
    expect(brokenBy(begun(), ...story)).toEqual([]);
  });

  it('lets a document have two tickets where the program does', () => {
    const twice = [placed(1, [0]), withPeopleOf(1, placed(2, [1])), expired(1, [0]), expired(2, [1])];
    expect(brokenBy(begun({ oneTicketPerIdDocument: false }), ...twice)).toEqual([]);
  });

  it('may have on its way what is not due yet', () => {
    const story = [
      placed(1, [0]),
      held('a', [3]),
      queued(5),
      placed(2, [1]),
      requested(2, 500),
      captured(2, 500),
    ];
    const events = logged([begun(), ...story, cancelled]);
    const found = (dueBeforeMs: number) => foundIn(auditOf(events, dueBeforeMs)).map(({ code }) => code);
    expect(found(NOW_MS)).toEqual([]);
    expect(found(DEADLINE_MS + 1)).not.toEqual([]);
  });
});

describe('A violation', () => {
  it.each([...forgeries, ...forgedPromises])('%s is found: %s', (code, _, story) => {
    expect(brokenBy(begun(), ...story)).toEqual([code]);
  });

  it('names the events that it takes to see it', () => {
    const story = [begun(), placed(1, [0]), placed(2, [0], { buyer: BEN }), expired(2, [0])];
    const [found] = foundIn(auditOf(logged(story)));
    expect(found).toEqual({
      code: 'seat_has_two_owners',
      text: "seat 0 went to order 2 while it was order 1's",
      events: ['OrderPlaced 1', 'OrderPlaced 2'],
    });
  });

  it('of every name has been forged here or below', () => {
    const below: ViolationCode[] = [
      'not_the_owner',
      'sale_not_started',
      'revision_gap',
      'event_unreadable',
      'event_misplaced',
    ];
    const forged = new Set([...forgeries, ...forgedPromises].map(([code]) => code).concat(below));
    expect([...forged].sort()).toEqual(Object.keys(violations).sort());
  });
});

describe('A seat', () => {
  it('that is sold to one and paid by another has two owners, and is then not the first one’s', () => {
    const story = [...sold(1, [0]), placed(2, [0], { buyer: BEN }), expired(2, [0]), refunded(1, [0], [0])];
    expect(brokenBy(begun(), ...story, refundRequested(1, 500))).toEqual([
      'seat_has_two_owners',
      'not_the_owner',
    ]);
  });
});

describe('A log', () => {
  const events = logged(soundStory());
  const codesOf = (...changed: typeof events) => foundIn(auditOf(changed)).map(({ code }) => code);
  const changed = (index: number, change: object) =>
    events.map((event, at) => (at === index ? { ...event, ...change } : event));

  it('with an event of a sale that never started is found', () => {
    expect(brokenBy(placed(1, [0]))).toEqual(['sale_not_started']);
  });

  it.each<readonly [string, object]>([
    ['an unknown type', { type: 'OrderForgotten' }],
    ['a type of another stream', { type: 'PaymentCaptured' }],
    ['a version to come', { metadata: { schemaVersion: 2 } }],
    ['no version', { metadata: null }],
    ['a field that nobody knows', { data: { orderNumber: '2', places: [[0, 2]], discount: 1 } }],
    ['a field that is missing', { data: { orderNumber: '2' } }],
    ['no data', { data: null }],
  ])('that has an event with %s is not skipped over', (_, change) => {
    const index = events.findIndex(({ type }) => type === 'OrderExpired');
    expect(codesOf(...changed(index, change))).toEqual(
      ['event_unreadable', 'order_not_ended'].sort().reverse(),
    );
  });

  it('tells of an unreadable event of a payment, whose program only its other events name', () => {
    const last = events.length - 1;
    const found = foundIn(auditOf(changed(last, { data: 'nonsense' })));
    expect(found).toMatchObject([{ code: 'event_unreadable', events: ['RefundCompleted 3'] }]);
  });

  it('tells of an unreadable event that is of nobody', () => {
    const log = auditOf(logged([queued(1)]).map((event) => ({ ...event, data: {} })));
    expect(log.programs).toEqual([]);
    expect(foundIn(log)).toMatchObject([{ code: 'event_unreadable', text: 'OrderQueued names no program' }]);
  });

  it('that lacks a revision of a sale, a payment, a program or a lane is found', () => {
    const withGap = (stream: string, ...story: readonly Told[]) => {
      const all = logged(story);
      const index = all.findIndex((event) => event.stream === stream);
      return codesOf(...all.filter((_, at) => at !== index));
    };
    const lost = inPayment(1, 'PaymentFailed', { code: 'declined', failedAtMs: 1 });
    expect(withGap(lost.stream, begun(), lost, requested(1, 500))).toEqual(['revision_gap']);
    expect(withGap(cancelled.stream, begun(), scheduled(OPENS_AT_MS), scheduled(OPENS_AT_MS))).toEqual([
      'revision_gap',
    ]);
    const elsewhere = queued(8, { programId: `${PROGRAM}-2` as typeof PROGRAM, deadlineMs: 2 * DEADLINE_MS });
    const kept = { ...elsewhere };
    expect(withGap(elsewhere.stream, begun(), elsewhere, kept)).toEqual(['revision_gap']);
    const moved = inSale({
      type: 'SaleRescheduled',
      data: { opensAtMs: OPENS_AT_MS, closesAtMs: CLOSES_AT_MS },
    });
    const all = logged([begun(), moved, moved]);
    expect(codesOf(...all.filter((_, at) => at !== 1))).toEqual(['revision_gap']);
  });

  it('that has an event in a stream of something else is found', () => {
    const strayed = events.map((event) =>
      event.stream === 'Payment-101' ? { ...event, stream: 'Payment-102' } : event,
    );
    expect(codesOf(...strayed)).toContain('event_misplaced');
    const other = logged(soundStory()).map((event) =>
      event.stream === SALE ? { ...event, stream: `${SALE}-2` } : event,
    );
    expect(codesOf(...other)).toContain('event_misplaced');
  });

  it('has each order number once, whatever sale it is in', () => {
    const elsewhere = `${PROGRAM}-2`;
    const second = [begun({ programId: elsewhere }), placed(1, [0]), expired(1, [0])].map(({ event }) => ({
      ...{ stream: `Sale-${elsewhere}`, event },
    }));
    const found = foundIn(auditOf(logged([begun(), placed(1, [0]), expired(1, [0]), ...second])));
    expect(found).toMatchObject([
      {
        ...{ code: 'order_number_twice', text: 'order 1 is an order of swan-lake too' },
        events: ['OrderPlaced 1', 'OrderPlaced 1'],
      },
    ]);
  });
});
