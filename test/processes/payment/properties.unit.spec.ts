/**
 * Money in any story: orders that are cancelled, expire, compete for seats and are given back, while charges
 * come late, twice and wrong, callbacks repeated and out of order, and events are delivered again. Never is a
 * ticket without its money; and when everything has come to its end, what was captured is kept for live
 * tickets or is back.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balanceOf, payingCapture } from '../../../src/domain/payment/index.ts';
import type { OrderNumber, PaymentNumber, UserId } from '../../../src/domain/shared/ids.ts';
import type { ProviderNotice } from '../../../src/payments/provider.ts';
import { ANN, BEN, idOf, PAYMENT_TTL_MS, people, placeOrder, terms } from '../../domain/sale/fixtures.ts';
import { printedRandom } from '../../support/random.ts';
import { createWorld, type World } from './world.ts';

const { seed } = printedRandom();
const RUNS = 150;
const DAY_MS = 86_400_000;
/** Of each order: they compete. */
const SEATS = [
  [0, 1],
  [1, 2],
  [5, 6],
];

const ACTS = [
  'order',
  'order',
  'pay',
  'pay',
  'take',
  'take',
  'take',
  'take odd',
  'decline',
  'deliver',
  'deliver',
  'deliver',
  'deliver again',
  'react',
  'react',
  'react',
  'react',
  'react again',
  'cancel',
  'expire',
  'refund',
  'refund some',
  'bank refuses',
  'bank works',
  'wait',
  'retry',
  'end',
] as const;

type Act = { readonly what: (typeof ACTS)[number]; readonly which: number; readonly how: number };

const story = fc.array(
  fc.noBias(fc.record({ what: fc.constantFrom(...ACTS), which: fc.nat(1_000), how: fc.nat(1_000) })),
  { minLength: 20, maxLength: 120, size: 'max' },
);

/** So that short stories are about money too. */
const BEGINNING = [0, 1, 2].flatMap((which): Act[] => [
  { what: 'order', which, how: 0 },
  { what: 'pay', which, how: 0 },
]);

const orderNumber = (nth: number): OrderNumber => idOf.order(nth + 1);
const buyerOf = (nth: number): UserId => (nth % 2 === 0 ? ANN : BEN);
const pick = <Value>(values: readonly Value[], which: number): Value | undefined =>
  values[which % values.length];

const act = async (world: World, delivered: ProviderNotice[], { what, which, how }: Act): Promise<void> => {
  const nth = which % SEATS.length;
  const order = orderNumber(nth);
  const charge = pick([...world.bank.charges.values()], which);
  switch (what) {
    case 'order':
      await world.submit(
        placeOrder({
          nowMs: world.nowMs(),
          orderNumber: order,
          buyer: buyerOf(nth),
          requestId: idOf.request(nth + 1),
          ticketUsers: people(2 * nth, 2 * nth + 1),
          want: { by: 'seats', seats: SEATS[nth] ?? [] },
        }),
      );
      return;
    case 'pay':
      await world.pay(order, buyerOf(nth));
      return;
    case 'take':
      if (charge !== undefined) world.bank.take(charge, 'a', charge.amountMinor);
      return;
    case 'take odd': {
      const amountMinor = idOf.money(how % 3 === 0 ? 1_000 : 1 + (how % 2_000));
      if (charge !== undefined) world.bank.take(charge, `odd${how % 3}`, amountMinor);
      return;
    }
    case 'decline':
      if (charge !== undefined) world.bank.decline(charge);
      return;
    case 'deliver': {
      const [notice] = world.bank.notices.splice(which % Math.max(1, world.bank.notices.length), 1);
      if (notice === undefined) return;
      delivered.push(notice);
      await world.deliver(notice);
      return;
    }
    case 'deliver again': {
      const notice = pick(delivered, which);
      if (notice !== undefined) await world.deliver(notice);
      return;
    }
    default:
      return actOnEngine(world, order, { what, which, how });
  }
};

const actOnEngine = async (world: World, order: OrderNumber, { what, which, how }: Act): Promise<void> => {
  switch (what) {
    case 'react':
      await world.reactToNext(how);
      return;
    case 'react again': {
      const event = pick(world.log, which);
      if (event !== undefined) await world.react(event);
      return;
    }
    case 'cancel':
      await world.submit({ type: 'CancelOrder', orderNumber: order, buyer: buyerOf(Number(order) - 1) });
      return;
    case 'expire':
      if (how % 2 === 0) world.wait(PAYMENT_TTL_MS);
      await world.submit({ type: 'ExpireOrder', orderNumber: order, nowMs: world.nowMs() });
      return;
    case 'refund':
      await world.submit({ type: 'RefundOrder', orderNumber: order });
      return;
    case 'refund some':
      await world.submit({ type: 'RefundOrder', orderNumber: order, tickets: [how % 2] });
      return;
    case 'bank refuses':
      world.bank.refuseRefunds(how % 2 === 0 ? 'at once' : 'later');
      return;
    case 'bank works':
      world.bank.refuseRefunds(undefined);
      return;
    case 'wait':
      world.wait(how * 100);
      return;
    case 'retry':
      await world.retryRefunds();
      return;
    case 'end':
      if (how % 10 === 0) await world.submit({ type: 'EndSale', nowMs: world.nowMs() });
      return;
    default:
      return;
  }
};

/** What the live tickets of a payment are worth. */
const worthOf = (world: World, number: PaymentNumber): number => {
  const state = world.paymentOf(number);
  if (state.kind === 'unrequested') return 0;
  const order = world.orderOf(state.request.orderNumber);
  const isLive = order.kind === 'found' && (order.status === 'paid' || order.status === 'issued');
  return isLive && order.paymentNumber === state.request.paymentNumber ? order.amountMinor : 0;
};

const checkNoTicketWithoutMoney = (world: World): void => {
  for (let nth = 0; nth < SEATS.length; nth++) {
    const order = world.orderOf(orderNumber(nth));
    if (order.kind !== 'found' || (order.status !== 'paid' && order.status !== 'issued')) continue;
    if (order.paymentNumber === null) throw new Error('A paid order without a payment.');
    const state = world.paymentOf(order.paymentNumber);
    const capture = state.kind === 'requested' ? payingCapture(state) : undefined;
    if (state.kind === 'unrequested' || capture === undefined) throw new Error('A ticket without its money.');
    expect(balanceOf(state, capture).keptMinor).toBeGreaterThanOrEqual(order.amountMinor);
  }
};

/** The provider's own books: never more back than was taken, of any charge. */
const checkBank = ({ bank }: World): void => {
  for (const [reference, capturedMinor] of bank.captured) {
    const back = [...bank.refunded.values()].filter((refund) => refund.reference === reference);
    const refundedMinor = back.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    expect(refundedMinor).toBeLessThanOrEqual(capturedMinor);
  }
};

/** Captured = issued + refunded, and nothing awaits any more. */
const checkSettled = (world: World): void => {
  for (const number of world.payments.keys()) {
    const state = world.paymentOf(number);
    if (state.kind === 'unrequested') continue;
    for (const capture of state.captures) {
      const balance = balanceOf(state, capture);
      const worth = capture.stray === null ? worthOf(world, number) : 0;
      expect(balance).toEqual({
        capturedMinor: world.bank.captured.get(capture.providerReference),
        refundedMinor: capture.amountMinor - worth,
        refundingMinor: 0,
        keptMinor: worth,
      });
    }
  }
  const known = [...world.payments.keys()].flatMap((number) => {
    const state = world.paymentOf(number);
    return state.kind === 'unrequested' ? [] : state.captures.map((capture) => capture.providerReference);
  });
  expect(known.sort()).toEqual([...world.bank.captured.keys()].sort());
};

describe('Money', () => {
  it('is kept for live tickets or goes back, whatever happens in whatever order', async () => {
    let paid = 0;
    let back = 0;
    const check = async (acts: readonly Act[]): Promise<void> => {
      const world = createWorld();
      const delivered: ProviderNotice[] = [];
      await world.submit({ type: 'StartSale', terms: terms() });
      for (const one of [...BEGINNING, ...acts]) {
        await act(world, delivered, one);
        checkNoTicketWithoutMoney(world);
        checkBank(world);
      }
      world.bank.refuseRefunds(undefined);
      for (const notice of delivered) await world.deliver(notice);
      await world.settle();
      world.wait(DAY_MS);
      await world.settle();
      checkNoTicketWithoutMoney(world);
      checkBank(world);
      checkSettled(world);
      expect(world.problems).toEqual([]);
      paid += world.typesOf().filter((type) => type === 'TicketsIssued').length;
      back += world.bank.refunded.size;
    };
    await fc.assert(fc.asyncProperty(story, check), { seed, numRuns: RUNS });
    // The stories are about something.
    expect(paid).toBeGreaterThan(RUNS / 10);
    expect(back).toBeGreaterThan(RUNS / 10);
  });
});
