import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  type Layout,
  layoutSchema,
  restoreSale,
  type SaleCommand,
  type SaleState,
  saleDecider,
  snapshotSale,
} from '../../../src/domain/sale/index.ts';
import { rememberedHolds, rememberedTickets } from '../../../src/domain/sale/limits.ts';
import { stateAfter } from '../../support/given.ts';
import {
  ANN,
  HOLD_TTL_MS,
  holdSeats,
  idOf,
  NOW_MS,
  PAYMENT_TTL_MS,
  people,
  placeOrder,
  started,
} from './fixtures.ts';

const SMALL_HALL = 17;
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function tell(state: SaleState, command: SaleCommand) {
  const { outcome, events } = saleDecider.decide(command, state);
  for (const event of events) saleDecider.evolve(state, event);
  return { outcome, events };
}

/** Orders of two that expire, from the first number to the last, each of another buyer. */
function orderAndExpire(state: SaleState, from: number, to: number, seats = [0, 1]): void {
  for (let number = from; number <= to; number += 1) {
    const order = placeOrder({
      orderNumber: idOf.order(number),
      requestId: idOf.request(number),
      buyer: idOf.user(`buyer-${number}`),
      ticketUsers: people(2 * number, 2 * number + 1),
      want: { by: 'seats', seats },
    });
    tell(state, order);
    const expire = { orderNumber: idOf.order(number), nowMs: NOW_MS + PAYMENT_TTL_MS } as const;
    expect(tell(state, { type: 'ExpireOrder', ...expire }).events).toHaveLength(1);
  }
}

describe('The memory of ended orders', () => {
  const remembered = rememberedTickets(SMALL_HALL) / 2;
  const payFirst = {
    type: 'ConfirmPayment',
    orderNumber: idOf.order(1),
    paymentNumber: idOf.payment(7),
    amountMinor: idOf.money(1000),
  } as const;

  it('is long enough for a late payment, while it lasts', () => {
    const state = stateAfter(saleDecider, [started()]);
    orderAndExpire(state, 1, remembered);
    expect(saleDecider.decide(payFirst, state).outcome.kind).toBe('order_paid');
  });
  it('ends: then the payment is due back by what the command says, and nothing is written', () => {
    const state = stateAfter(saleDecider, [started()]);
    orderAndExpire(state, 1, remembered + 1);
    const { outcome, events } = saleDecider.decide(payFirst, state);
    expect(outcome).toMatchObject({ kind: 'refund_due', code: 'order_not_found', amountMinor: 1000 });
    expect(events).toEqual([]);
  });
  it('no longer ends for an order that a late payment brought back', () => {
    const state = stateAfter(saleDecider, [started()]);
    orderAndExpire(state, 1, 1);
    tell(state, payFirst);
    orderAndExpire(state, 2, 2 * remembered, [5, 6]);
    expect(saleDecider.decide(payFirst, state).outcome.kind).toBe('order_paid');
    expect(tell(state, { type: 'RefundOrder', orderNumber: idOf.order(1) }).events).toHaveLength(1);
  });
  it('is in a snapshot, and what was forgotten is not', () => {
    const state = stateAfter(saleDecider, [started()]);
    tell(state, holdSeats());
    orderAndExpire(state, 1, remembered + 5, [5, 6]);
    const restored = restoreSale(snapshotSale(state));
    if (restored === undefined) throw new Error('The snapshot is of the current format.');
    // The fifth was the last to be forgotten: its slot is free, and still holds what it held.
    const payFifth: SaleCommand = { ...payFirst, orderNumber: idOf.order(5) };
    expect(saleDecider.decide(payFifth, restored).outcome).toMatchObject({ code: 'order_not_found' });
    orderAndExpire(restored, remembered + 6, 3 * remembered, [5, 6]);
    expect(restored.book?.held[0]).toBe(2);
  });
  it('makes room for itself, so that a million orders of a small hall fit', () => {
    const state = stateAfter(saleDecider, [started()]);
    orderAndExpire(state, 1, 2_000);
    const bytes = snapshotSale(state).length;
    orderAndExpire(state, 2_001, 4_000);
    expect(snapshotSale(state)).toHaveLength(bytes);
  });
  it('of holds is apart, and ends too', () => {
    const state = stateAfter(saleDecider, [started()]);
    orderAndExpire(state, 1, remembered);
    const holds = rememberedHolds(SMALL_HALL);
    for (let number = 1; number <= holds + 1; number += 1) {
      const holdToken = idOf.hold(`hold-${number}`);
      tell(state, holdSeats({ holdToken }));
      tell(state, { type: 'ExpireHold', holdToken, nowMs: NOW_MS + HOLD_TTL_MS });
    }
    const release = (number: number): SaleCommand => ({
      type: 'ReleaseHold',
      holdToken: idOf.hold(`hold-${number}`),
      buyer: ANN,
    });
    expect(saleDecider.decide(release(1), state).outcome).toMatchObject({ code: 'hold_not_found' });
    expect(saleDecider.decide(release(2), state).outcome).toMatchObject({ code: 'hold_expired' });
    expect(saleDecider.decide(payFirst, state).outcome.kind).toBe('order_paid');
  });
});

describe('A hall of 100,000 seats', () => {
  const SEATS = 100_000;
  const BYTES_PER_SEAT = 200;
  const layout: Layout = layoutSchema.parse([
    {
      kind: 'seated',
      id: 'arena',
      priceMinor: 100,
      sections: [{ name: 'Arena', rows: [{ rows: '1-2500', seats: '1-40', aislesAfter: '10,30' }] }],
    },
  ]);

  it('starts with an event far below 1,000,000 bytes, even when every row is written out', () => {
    expect(JSON.stringify(layout).length).toBeLessThan(1_000);
    const rows = Array.from({ length: 2_000 }, (_, row) => ({
      rows: `R${row}`,
      seats: `1-${50 + (row % 2)}`,
      aislesAfter: '10,30',
      accessible: '1,2',
    }));
    const written = layoutSchema.parse([{ ...layout[0], sections: [{ name: 'Arena', rows }] }]);
    expect(JSON.stringify(written).length).toBeLessThan(200_000);
  });

  it('takes at most 200 bytes a seat with every seat sold to a buyer and a document of its own', () => {
    collect();
    const before = process.memoryUsage();
    const state = stateAfter(saleDecider, [started({ layout, limits: { perOrder: 4, perBuyer: 4 } })]);
    for (let seat = 0; seat < SEATS; seat += 1) {
      const order = placeOrder({
        orderNumber: idOf.order(seat + 1),
        requestId: idOf.request(seat + 1),
        buyer: idOf.user(`buyer-${seat}`),
        ticketUsers: people(seat),
        want: { by: 'seats', seats: [seat] },
      });
      if (tell(state, order).outcome.kind !== 'order_placed') throw new Error(`Seat ${seat} was not sold.`);
    }
    expect(state.book?.held[0]).toBe(SEATS);
    collect();
    const after = process.memoryUsage();
    const bytes = after.arrayBuffers - before.arrayBuffers + after.heapUsed - before.heapUsed;
    console.info(`${Math.round(bytes / SEATS)} bytes a seat`);
    expect(bytes / SEATS).toBeLessThan(BYTES_PER_SEAT);
    expect(bytes / SEATS).toBeGreaterThan(50);

    const snapshot = snapshotSale(state);
    const startedAtMs = performance.now();
    const restored = restoreSale(snapshot);
    console.info(`${snapshot.length} bytes restored in ${Math.round(performance.now() - startedAtMs)} ms`);
    expect(restored?.book?.held[0]).toBe(SEATS);
  });
});
