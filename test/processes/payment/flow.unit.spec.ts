/**
 * The stories of money that a person would ask about, told with the real commands, deciders and processes.
 */
import { describe, expect, it } from 'vitest';
import { saleStream } from '../../../src/domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, UserId } from '../../../src/domain/shared/ids.ts';
import {
  ANN,
  BEN,
  idOf,
  NOW_MS,
  PAYMENT_TTL_MS,
  people,
  placeOrder,
  started,
  terms,
} from '../../domain/sale/fixtures.ts';
import { createWorld, type World } from './world.ts';

const ORDER = idOf.order(1);
const BENS_ORDER = idOf.order(2);
const SALE = saleStream(terms().programId);
const DAY_MS = 86_400_000;
/** Orders of two tickets each. */
const MORE_THAN_REMEMBERED = 150;

const onSale = async (): Promise<World> => {
  const world = createWorld();
  const event = started();
  if (event.type === 'SaleStarted') await world.submit({ type: 'StartSale', terms: event.data });
  await world.submit(placeOrder());
  return world;
};
const bensOrder = (seats: readonly number[]) =>
  placeOrder({
    orderNumber: BENS_ORDER,
    buyer: BEN,
    requestId: idOf.request(2),
    ticketUsers: people(3, 4),
    want: { by: 'seats', seats },
    nowMs: NOW_MS + PAYMENT_TTL_MS,
  });
const requestPayment = async (
  world: World,
  orderNumber: OrderNumber = ORDER,
  buyer: UserId = ANN,
): Promise<PaymentNumber> => {
  const answer = await world.pay(orderNumber, buyer);
  if (answer.kind !== 'payable') throw new Error(JSON.stringify(answer));
  return answer.paymentNumber;
};
const take = (world: World, payment: PaymentNumber, name = 'a', amountMinor = 1_000): void => {
  const charge = world.bank.charges.get(payment);
  if (charge === undefined) throw new Error('There is no such charge.');
  world.bank.take(charge, name, idOf.money(amountMinor));
};
const expire = (world: World) => {
  world.wait(PAYMENT_TTL_MS);
  return world.submit({ type: 'ExpireOrder', orderNumber: ORDER, nowMs: world.nowMs() });
};
const givenBack = (world: World): number =>
  [...world.bank.refunded.values()].reduce((sum, { amountMinor }) => sum + amountMinor, 0);
const statusOf = (world: World, orderNumber = ORDER): string => {
  const order = world.orderOf(orderNumber);
  return order.kind === 'found' ? order.status : order.code;
};

describe('Paying an order', () => {
  it('buys its tickets, step by step in the log', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    take(world, payment);
    await world.settle();
    expect(world.typesOf(`Payment-${payment}`)).toEqual(['PaymentRequested', 'PaymentCaptured']);
    expect(world.typesOf(SALE)).toEqual(['SaleStarted', 'OrderPlaced', 'OrderPaid', 'TicketsIssued']);
    expect(givenBack(world)).toBe(0);
  });

  it('changes nothing when every event is delivered again', async () => {
    const world = await onSale();
    take(world, await requestPayment(world));
    await world.settle();
    const before = world.log.length;
    for (const event of [...world.log]) await world.react(event);
    expect(world.log.length).toBe(before);
  });

  it('gives the second of two payments back', async () => {
    const world = await onSale();
    const first = await requestPayment(world);
    await world.deliver({ kind: 'failed', paymentNumber: first, code: 'declined' });
    const second = await requestPayment(world);
    expect(second).not.toBe(first);
    // The first is captured all the same, after the second.
    take(world, second);
    await world.settle();
    take(world, first);
    await world.settle();
    expect(world.typesOf(`Payment-${first}`)).toEqual([
      'PaymentRequested',
      'PaymentFailed',
      'PaymentCaptured',
      'RefundRequested',
      'RefundCompleted',
    ]);
    expect(statusOf(world)).toBe('issued');
    expect(givenBack(world)).toBe(1_000);
  });

  it('gives back a charge that pays nothing: a wrong amount, or one more', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    take(world, payment, 'less', 999);
    take(world, payment, 'right');
    take(world, payment, 'again');
    await world.settle();
    expect(statusOf(world)).toBe('issued');
    expect(givenBack(world)).toBe(999 + 1_000);
  });
});

describe('A payment that comes after its order has expired', () => {
  it('gets the same seats while they are free', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    await expire(world);
    take(world, payment);
    await world.settle();
    expect(world.typesOf(SALE).slice(-4)).toEqual([
      'OrderExpired',
      'OrderReseated',
      'OrderPaid',
      'TicketsIssued',
    ]);
    expect(world.log.find(({ type }) => type === 'OrderReseated')?.data).toMatchObject({ sameSeats: true });
  });

  it('gets equal seats where its own are taken', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    await expire(world);
    await world.submit(bensOrder([0, 1]));
    take(world, payment);
    await world.settle();
    expect(world.log.find(({ type }) => type === 'OrderReseated')?.data).toMatchObject({ sameSeats: false });
    expect(statusOf(world)).toBe('issued');
  });

  it('is given back, once, where there are none, and every step is an event', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    await expire(world);
    await world.submit({ type: 'EndSale', nowMs: world.nowMs() });
    take(world, payment);
    await world.settle();
    for (const event of [...world.log]) await world.react(event);
    await world.settle();
    expect(world.typesOf(SALE).slice(-1)).toEqual(['LatePaymentRefused']);
    expect(world.typesOf(`Payment-${payment}`)).toEqual([
      'PaymentRequested',
      'PaymentCaptured',
      'RefundRequested',
      'RefundCompleted',
    ]);
    expect(givenBack(world)).toBe(1_000);
  });

  it('is given back, once, where the sale has forgotten the order', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    await expire(world);
    for (let number = 10; number < 10 + MORE_THAN_REMEMBERED; number++) {
      const order = {
        orderNumber: idOf.order(number),
        requestId: idOf.request(number),
        nowMs: world.nowMs(),
      };
      await world.submit(placeOrder(order));
      await world.submit({ type: 'CancelOrder', orderNumber: order.orderNumber, buyer: ANN });
    }
    expect(statusOf(world)).toBe('order_not_found');
    take(world, payment);
    await world.settle();
    for (const event of [...world.log]) await world.react(event);
    await world.settle();
    expect(givenBack(world)).toBe(1_000);
    expect(world.problems).toEqual([]);
  });
});

describe('Giving tickets back', () => {
  it('gives back the price of each once, and no ticket twice', async () => {
    const world = await onSale();
    take(world, await requestPayment(world));
    await world.settle();
    await world.submit({ type: 'RefundOrder', orderNumber: ORDER, tickets: [1] });
    await world.settle();
    expect(givenBack(world)).toBe(500);
    await world.submit({ type: 'RefundOrder', orderNumber: ORDER });
    await world.submit({ type: 'RefundOrder', orderNumber: ORDER });
    for (const event of [...world.log]) await world.react(event);
    await world.settle();
    expect(givenBack(world)).toBe(1_000);
    expect(statusOf(world)).toBe('refunded');
  });

  it('tries again later when the provider refuses, and does not pay twice then', async () => {
    const world = await onSale();
    take(world, await requestPayment(world));
    await world.settle();
    world.bank.refuseRefunds('later');
    await world.submit({ type: 'RefundOrder', orderNumber: ORDER });
    await world.settle();
    expect(givenBack(world)).toBe(0);
    world.bank.refuseRefunds(undefined);
    await world.settle();
    expect(givenBack(world)).toBe(0);
    world.wait(DAY_MS);
    await world.settle();
    expect(givenBack(world)).toBe(1_000);
    expect(world.typesOf().filter((type) => type.startsWith('Refund'))).toEqual([
      'RefundRequested',
      'RefundFailed',
      'RefundRetried',
      'RefundCompleted',
    ]);
  });

  it('tells a person when it has tried often enough, and the money stays owed', async () => {
    const world = await onSale();
    const payment = await requestPayment(world);
    take(world, payment);
    await world.settle();
    world.bank.refuseRefunds('at once');
    await world.submit({ type: 'RefundOrder', orderNumber: ORDER });
    for (let day = 0; day < 30; day++) {
      await world.settle();
      world.wait(DAY_MS);
    }
    expect(world.problems).toEqual([
      { code: 'refund_given_up', paymentNumber: payment, refundId: `${payment}-ticket-0` },
    ]);
    expect(world.retries.all).toEqual([]);
    expect(world.paymentOf(payment)).toMatchObject({ refunds: [{ status: 'failed', attempt: 20 }] });
  });
});
