/** An acknowledged order is found by its buyer, and by nobody else, whichever store has heard of it by now. */
import { describe, expect, it } from 'vitest';
import { orderNumberSchema, programIdSchema, userIdSchema } from '../../src/domain/shared/ids.ts';
import { createOrderLookup, type OrderLookupDeps } from '../../src/engine/order-lookup.ts';
import type { OrderStatusFound } from '../../src/live/order-statuses.ts';

const ORDER = orderNumberSchema.parse('42');
const PROGRAM = programIdSchema.parse('swan-lake');
const ANN = userIdSchema.parse('ann');
const BEN = userIdSchema.parse('ben');
const placed = { orderNumber: ORDER, programId: PROGRAM, buyer: ANN, status: 'awaiting_payment' } as const;

function lookup(live: readonly (OrderStatusFound | undefined)[], deps: Partial<OrderLookupDeps> = {}) {
  const answers = [...live];
  return createOrderLookup({
    live: { read: async () => (answers.length > 1 ? answers.shift() : answers[0]) },
    stored: async () => undefined,
    storedProgram: async () => undefined,
    untilReadable: async () => false,
    sleep: async () => undefined,
    ...deps,
  });
}

describe('an order that was just taken', () => {
  it('is known to its buyer before any store has it', async () => {
    const orders = lookup([undefined]);
    orders.remember(placed);
    expect(await orders.statusOf(ORDER, ANN)).toMatchObject({ status: 'awaiting_payment' });
    expect(await orders.programOf(ORDER, ANN)).toBe(PROGRAM);
  });

  it('is not known to anybody else', async () => {
    const orders = lookup([undefined]);
    orders.remember(placed);
    expect(await orders.statusOf(ORDER, BEN)).toBeUndefined();
    expect(await orders.programOf(ORDER, BEN)).toBeUndefined();
    expect(await orders.orderOfBuyer(ORDER, BEN)).toBeUndefined();
    expect(await lookup([{ status: 'paid', buyer: ANN, programId: PROGRAM }]).statusOf(ORDER, BEN)).toBe(
      undefined,
    );
  });

  it('is what Redis says by now, not what it was when it was taken', async () => {
    const orders = lookup([{ status: 'cancelled', buyer: ANN, programId: PROGRAM }]);
    orders.remember(placed);
    expect(await orders.statusOf(ORDER, ANN)).toMatchObject({ status: 'cancelled' });
  });
});

describe('watching an order', () => {
  it('shows each status once, until the watcher has gone', async () => {
    const queued: OrderStatusFound = { status: 'queued', buyer: ANN, programId: PROGRAM };
    const orders = lookup([
      queued,
      queued,
      undefined,
      { ...queued, status: 'rejected', refusal: 'sold_out' },
    ]);
    const leaving = new AbortController();
    const seen: string[] = [];
    for await (const { status } of orders.watchStatus(ORDER, ANN, leaving.signal)) {
      seen.push(status);
      if (status === 'rejected') leaving.abort();
    }
    expect(seen).toEqual(['queued', 'rejected']);
  });
});
