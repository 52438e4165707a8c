/** Each promise that the check holds the log against can be broken, and a sound log breaks none. */
import { describe, expect, it } from 'vitest';
import { createFindings } from '../../../src/rush/check/findings.ts';
import { idOf, people, STANDING } from '../../domain/sale/fixtures.ts';
import {
  ANN,
  BEN,
  begun,
  brokenBy,
  captured,
  DEADLINE_MS,
  expired,
  foldOf,
  inSale,
  issued,
  paid,
  placed,
  placesOf,
  queued,
  refundCompleted,
  refunded,
  refundRequested,
  soundStory,
  type Told,
} from './story.ts';

const brokenIn = (...story: readonly Told[]) => Object.keys(brokenBy([begun(), ...story]));
const held = (token: string, seats: readonly number[], buyer = ANN): Told =>
  inSale({
    type: 'SeatsHeld',
    data: {
      ...{ holdToken: idOf.hold(token), buyer, places: placesOf(seats), together: 'row' },
      ...{ expiresAtMs: DEADLINE_MS, content: 1 },
    },
  });
const queue = (revision: number) => ({ queue: { lane: 0, revision } });

describe('a sound log', () => {
  it('breaks no promise', () => {
    expect(brokenBy(soundStory())).toEqual({});
  });

  it('is counted to the seat and to the minor unit', () => {
    const { stock, balance, orders } = foldOf(soundStory());
    expect(stock).toEqual([
      { categoryId: 'stalls', capacity: 13, held: 0, sold: 1 },
      { categoryId: 'standing', capacity: 3, held: 0, sold: 0 },
    ]);
    expect(balance).toEqual({
      payments: 1,
      capturedMinor: 1_000,
      issuedMinor: 500,
      refundedMinor: 500,
      awaitingMinor: 0,
    });
    expect(orders.get('1')).toMatchObject({ status: 'issued', refundedMinor: 500 });
  });

  it('may hand the seats of a hold to the order of its buyer', () => {
    expect(
      brokenIn(held('a', [3, 4]), placed(1, [3, 4], { holdToken: idOf.hold('a') }), expired(1, [3, 4])),
    ).toEqual([]);
  });
});

describe('the promise of seats', () => {
  it('is broken by a seat with two owners', () => {
    const { seats } = brokenBy([begun(), placed(1, [0]), placed(2, [0], { buyer: BEN }), expired(1, [0])]);
    expect(seats?.[0]).toBe("seat 0 went to order 2 while it was order 1's (OrderPlaced at revision 2)");
  });

  it('is broken by more people than may stand', () => {
    const standing = (number: number, count: number) =>
      placed(number, [], {
        tickets: people(...Array.from({ length: count }, (_, index) => number * 10 + index)).map(
          (person) => ({
            ...{ ...person, category: STANDING, seat: null, priceMinor: idOf.money(200) },
          }),
        ),
        amountMinor: idOf.money(200 * count),
      });
    expect(brokenBy([begun(), standing(1, 2), standing(2, 2)]).seats).toEqual([
      'standing has 4 held and 0 sold of 3 (OrderPlaced at revision 2)',
    ]);
  });

  it.each([
    ['a blocked seat that is given away', [placed(1, [13]), expired(1, [13])]],
    [
      'a seat that is given back by somebody else',
      [placed(1, [0]), placed(2, [1]), expired(1, [1]), expired(2, [1])],
    ],
    ['an order that ends twice', [placed(1, [0]), expired(1, [0]), expired(1, [0])]],
    [
      'a hold that somebody else orders',
      [held('a', [3], BEN), placed(1, [3], { holdToken: idOf.hold('a') }), expired(1, [3])],
    ],
    ['an end of fewer places than there were', [placed(1, [0, 1]), expired(1, [0])]],
  ])('is broken by %s', (_, story) => {
    expect(brokenIn(...story)).toEqual(['seats']);
  });
});

describe('the promise of ends', () => {
  it('is broken by an order that awaits its payment past the deadline, and by a hold', () => {
    expect(brokenBy([begun(), placed(1, [0]), held('a', [3])]).ended).toEqual([
      'order 1 was to end 1970-01-01T00:00:05.000Z',
      'hold a was to end 1970-01-01T00:00:05.000Z',
    ]);
  });
});

describe('the promise of acknowledged orders', () => {
  const told = (number: string, as: 'placed' | 'queued', buyer: string = ANN) =>
    brokenBy(
      [begun(), queued(5), placed(5, [0], queue(0)), expired(5, [0]), placed(1, [1]), expired(1, [1])],
      [{ orderNumber: number, as, buyer }],
    ).acknowledged;

  it('is kept by orders and queue entries that are there', () => {
    expect([told('1', 'placed'), told('5', 'queued'), told('5', 'placed')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is broken by an order that is not in the log, not in the queue, or another buyer’s', () => {
    expect(told('2', 'placed')).toEqual(['order 2 of ann was acknowledged as placed and is not in the log']);
    expect(told('1', 'queued')).toEqual(['order 1 of ann was acknowledged as queued and is not in the log']);
    expect(told('1', 'placed', 'ben')).toEqual(["order 1 of ben is ann's in the log"]);
  });

  it('is broken by a queued order that nobody decided', () => {
    expect(Object.keys(brokenBy([begun(), queued(5)]))).toEqual(['acknowledged']);
  });
});

describe('the promise of money', () => {
  const sold = [placed(1, [0, 1]), captured(1, 1_000), paid(1, [0, 1])];

  it.each([
    ['tickets without a capture', [placed(1, [0]), paid(1, [0]), issued(1)]],
    [
      'an order paid with another amount than it costs',
      [placed(1, [0]), captured(1, 700), paid(1, [0], 700)],
    ],
    [
      'an order that costs something else than its tickets',
      [placed(1, [0], { amountMinor: idOf.money(1) }), expired(1, [0])],
    ],
    ['money kept although it is being refunded', [...sold, refundRequested(1, 500)]],
    [
      'a refund nobody asked for',
      [...sold, refunded(1, [0], [0]), refundRequested(1, 500), refundCompleted(1, 600)],
    ],
    ['captured money that nobody moves', [placed(1, [0]), expired(1, [0]), captured(1, 500)]],
    [
      'a ticket that is refunded twice',
      [...sold, refunded(1, [0], [0]), refunded(1, [0], [1]), refundRequested(1, 1_000)],
    ],
  ])('is broken by %s', (_, story) => {
    expect(brokenIn(...story)).toEqual(['money']);
  });

  it('is kept by a refund that is under way', () => {
    expect(brokenIn(...sold, refunded(1, [0], [0]), refundRequested(1, 500))).toEqual([]);
  });
});

describe('the promise of limits', () => {
  it.each([
    ['an order of more tickets than allowed', [placed(1, [0, 1, 2, 3, 4]), expired(1, [0, 1, 2, 3, 4])]],
    [
      'a buyer with more tickets than allowed',
      [placed(1, [0, 1, 2, 3]), placed(2, [5, 6, 7]), expired(1, [0, 1, 2, 3]), expired(2, [5, 6, 7])],
    ],
    [
      'a document with two tickets',
      [placed(1, [0]), documentOf(1, placed(2, [1])), expired(1, [0]), expired(2, [1])],
    ],
  ])('is broken by %s', (_, story) => {
    expect(brokenIn(...story)).toEqual(['limits']);
  });

  it('counts only tickets that are alive', () => {
    expect(brokenIn(placed(1, [0]), expired(1, [0]), documentOf(1, placed(2, [0])), expired(2, [0]))).toEqual(
      [],
    );
  });

  it('lets a document have two tickets where the program does', () => {
    const twice = [placed(1, [0]), documentOf(1, placed(2, [1])), expired(1, [0]), expired(2, [1])];
    expect(brokenBy([begun({ oneTicketPerIdDocument: false }), ...twice])).toEqual({});
  });
});

describe('the promise of requests', () => {
  it('is broken by two orders of one request', () => {
    const again = placed(2, [1], { requestId: idOf.request(1) });
    expect(brokenIn(placed(1, [0]), again, expired(1, [0]), expired(2, [1]))).toEqual(['requests']);
  });

  it('is broken by a queued order that is decided twice, or was never queued', () => {
    const rejected = (revision: number) =>
      inSale({
        type: 'OrderRejected',
        data: { orderNumber: idOf.order(5), buyer: ANN, code: 'sold_out', ...queue(revision) },
      });
    expect(brokenIn(queued(5), rejected(0))).toEqual([]);
    expect(brokenIn(queued(5), rejected(0), rejected(0))).toEqual(['requests']);
    expect(brokenIn(rejected(7))).toEqual(['requests']);
  });
});

describe('findings', () => {
  it('keep ten examples and count the rest', () => {
    const findings = createFindings();
    for (let index = 0; index < 25; index += 1) findings.broken('seats', `seat ${index}`);
    const [seats] = findings.all();
    expect(seats).toMatchObject({ name: 'seats', ok: false, broken: 25 });
    expect(seats?.examples).toHaveLength(10);
  });
});

/** The same order for the people of another one. */
function documentOf(other: number, told: Told): Told {
  if (told.event.type !== 'OrderPlaced') throw new Error('Only an order has documents.');
  const { data } = told.event;
  const [person] = people(other * 10);
  const tickets = data.tickets.map((ticket) => ({ ...ticket, ...person }));
  return inSale({ type: 'OrderPlaced', data: { ...data, tickets } });
}
