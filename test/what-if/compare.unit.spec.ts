/** A replay under the recorded settings is the recording; under others it follows them, and says how. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/what-if/compare.ts';
import type { WhatIf } from '../../src/what-if/settings.ts';
import { someTerms, steps } from '../domain/sale/arbitraries.ts';
import {
  HOLD_TTL_MS,
  holdSeats,
  idOf,
  NOW_MS,
  PAYMENT_TTL_MS,
  people,
  placeOrder,
  queue,
  terms,
} from '../domain/sale/fixtures.ts';
import { holds } from '../support/properties.ts';
import { createRecorder, recordedStory } from './recording.ts';

/** Each plays a sale several times over. */
const RUNS = 60;

const someChanges: fc.Arbitrary<WhatIf> = fc.record(
  {
    holdTtlMs: fc.integer({ min: 1, max: 2 * HOLD_TTL_MS }),
    paymentTtlMs: fc.integer({ min: 1, max: 2 * PAYMENT_TTL_MS }),
    perBuyer: fc.integer({ min: 1, max: 20 }),
    perOrder: fc.integer({ min: 1, max: 8 }),
    seatPolicy: fc.constantFrom('best', 'first-fit', 'spread', 'no-split'),
  },
  { requiredKeys: [] },
);

describe('a replay of a generated sale', () => {
  it('comes to the recorded events, one by one, when nothing is changed', () => {
    holds(
      fc.property(someTerms, steps(120), (generated, story) => {
        const answer = compare(recordedStory(generated, story), {});
        expect(answer.firstDifference).toBeNull();
        expect(answer.isFaithful).toBe(true);
        expect(answer.known.wishesUnknown).toBe(0);
        expect(answer.baseline).toEqual(answer.recorded);
        expect(answer.whatIf).toEqual(answer.recorded);
      }),
      RUNS,
    );
  });

  it('says the same to the byte each time, keeps to the capacity, and adds its money up', () => {
    holds(
      fc.property(someTerms, steps(80), someChanges, (generated, story, changes) => {
        const sale = recordedStory(generated, story);
        const answer = compare(sale, changes);
        expect(JSON.stringify(compare(sale, changes))).toBe(JSON.stringify(answer));
        const { seats, money, orders } = answer.whatIf;
        expect(seats.sold + seats.held).toBeLessThanOrEqual(seats.capacity);
        expect(money.revenueMinor).toBe(money.capturedMinor - money.refundedMinor);
        expect(orders.paid).toBeLessThanOrEqual(orders.placed);
      }),
      RUNS,
    );
  });
});

const stalls = (count: number) => ({ by: 'category', category: idOf.category('stalls'), count }) as const;

/** One order for so many of the stalls, by a buyer of its own. */
const order = (number: number, count: number, nowMs = NOW_MS) =>
  placeOrder({
    ...{ orderNumber: idOf.order(number), requestId: idOf.request(number), nowMs, want: stalls(count) },
    buyer: idOf.user(`buyer-${number}`),
    ticketUsers: people(...Array.from({ length: count }, (_, nth) => 10 * number + nth)),
  });
const payment = (number: number, amountMinor: number) =>
  ({
    type: 'ConfirmPayment',
    orderNumber: idOf.order(number),
    paymentNumber: idOf.payment(100 + number),
    amountMinor: idOf.money(amountMinor),
  }) as const;

describe('a replay under other settings', () => {
  it('refuses those whom a lower limit keeps out, who then do nothing further', () => {
    const recorder = createRecorder(terms());
    recorder.give(order(1, 3), NOW_MS);
    recorder.give(payment(1, 1_500), NOW_MS + 1);
    recorder.give(order(2, 1), NOW_MS + 2);
    const { whatIf, baseline } = compare(recorder.sale(), { perOrder: 2 });
    expect(baseline.orders).toMatchObject({ placed: 2, paid: 1, refused: {} });
    expect(whatIf.orders).toMatchObject({ placed: 1, paid: 0, refused: { limit_per_order: 1 } });
    expect(compare(recorder.sale(), { perBuyer: 2 }).whatIf.orders.refused).toEqual({ limit_per_buyer: 1 });
  });

  it('lets orders expire under a shorter deadline, and says who was too late to pay', () => {
    const recorder = createRecorder(terms());
    recorder.give(order(1, 2), NOW_MS);
    recorder.give(payment(1, 1_000), NOW_MS + 60_000);
    recorder.give(order(2, 1, NOW_MS + 120_000), NOW_MS + 120_000);
    const { whatIf } = compare(recorder.sale(), { paymentTtlMs: 30_000 });
    expect(whatIf.orders).toMatchObject({ placed: 2, paid: 0, expired: 1, tooLateToPay: 1, open: 1 });
    expect(whatIf.money.revenueMinor).toBe(0);
  });

  it('keeps late money of a longer deadline in time', () => {
    const recorder = createRecorder(terms());
    recorder.give(order(1, 2), NOW_MS);
    const lateMs = NOW_MS + PAYMENT_TTL_MS + 1_000;
    const { orderNumber } = order(1, 2);
    recorder.give({ type: 'ExpireOrder', nowMs: lateMs, orderNumber }, lateMs);
    recorder.give(payment(1, 1_000), lateMs + 1_000);
    const { recorded, whatIf } = compare(recorder.sale(), { paymentTtlMs: 2 * PAYMENT_TTL_MS });
    expect(recorded.orders).toMatchObject({ expired: 1, latePaymentsSeated: 1, paid: 1 });
    expect(whatIf.orders).toMatchObject({ expired: 0, latePaymentsSeated: 0, paid: 1 });
  });

  it('refuses the order of a hold that a shorter deadline ends', () => {
    const recorder = createRecorder(terms());
    recorder.give(holdSeats(), NOW_MS);
    const want = { by: 'hold', holdToken: idOf.hold('hold-1') } as const;
    recorder.give(placeOrder({ want, nowMs: NOW_MS + 60_000 }), NOW_MS + 60_000);
    const { whatIf } = compare(recorder.sale(), { holdTtlMs: 30_000 });
    expect(whatIf.holds).toMatchObject({ taken: 1, expired: 1, ordered: 0 });
    expect(whatIf.orders).toMatchObject({ placed: 0, refused: { hold_expired: 1 } });
  });

  it('has those whom a higher limit lets in do what others did', () => {
    const recorder = createRecorder(terms({ limits: { perOrder: 1, perBuyer: 6 } }));
    recorder.give({ ...order(1, 1), queue: queue(0) }, NOW_MS);
    recorder.give(payment(1, 500), NOW_MS + 1_000);
    recorder.give({ ...order(2, 2, NOW_MS + 2_000), queue: queue(1) }, NOW_MS + 2_000);
    recorder.give(order(3, 1, NOW_MS + 9_000), NOW_MS + 9_000);
    const { recorded, whatIf, newcomers, known } = compare(recorder.sale(), { perOrder: 2 });
    expect(recorded.orders.refused).toEqual({ limit_per_order: 1 });
    expect(known).toMatchObject({ queuedOrders: 2, directOrders: 1 });
    expect(newcomers).toBe(1);
    expect(whatIf.orders).toMatchObject({ placed: 3, paid: 2, refused: {} });
    expect(whatIf.money.revenueMinor).toBe(1_500);
  });

  it('counts the single seats that another choice of seats leaves, and the parties it splits', () => {
    const recorder = createRecorder(terms());
    recorder.give(order(1, 2), NOW_MS);
    recorder.give(order(2, 2), NOW_MS + 1);
    recorder.give(order(3, 3), NOW_MS + 2);
    const strandedBy = (seatPolicy: 'best' | 'first-fit') =>
      compare(recorder.sale(), { seatPolicy }).whatIf.seats.stranded;
    expect(strandedBy('first-fit')).toBeGreaterThan(strandedBy('best'));
    recorder.give(order(4, 4), NOW_MS + 3);
    const split = compare(recorder.sale(), { seatPolicy: 'no-split' });
    expect(split.baseline.parties.inTwoRows + split.baseline.parties.apart).toBe(1);
    expect(split.whatIf.parties).toMatchObject({ inTwoRows: 0, apart: 0 });
    expect(split.whatIf.orders.refused).toEqual({ not_together: 1 });
  });

  it('is not believed when the recording is not what the rules make of the demand', () => {
    const recorder = createRecorder(terms());
    recorder.give(order(1, 2), NOW_MS);
    const { events, ...sale } = recorder.sale();
    const forged = events.map(({ event, recordedAtMs }) =>
      event.type === 'OrderPlaced'
        ? { event: { ...event, data: { ...event.data, together: 'apart' as const } }, recordedAtMs }
        : { event, recordedAtMs },
    );
    const answer = compare({ ...sale, events: forged }, {});
    expect(answer.isFaithful).toBe(false);
    expect(answer.firstDifference).toEqual({ revision: 1, recorded: 'OrderPlaced', baseline: 'OrderPlaced' });
  });
});
