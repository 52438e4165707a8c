/** An acknowledged order is found by its buyer, and by nobody else, whichever store has heard of it by now. */
import { describe, expect, it } from 'vitest';
import { OverloadedError } from '../../src/commands/warm-stream.ts';
import {
  type OrderNumber,
  orderNumberSchema,
  programIdSchema,
  userIdSchema,
} from '../../src/domain/shared/ids.ts';
import { currencySchema } from '../../src/domain/shared/money.ts';
import { nextOrderNumber, startGenerator } from '../../src/domain/shared/order-number.ts';
import { createOrderLookup, type OrderLookupDeps } from '../../src/engine/order-lookup.ts';
import type { OrderStatusFound } from '../../src/live/order-statuses.ts';
import type { Order } from '../../src/projections/orders/index.ts';

const ORDER = orderNumberSchema.parse('42');
const FIRST = orderNumberSchema.parse('41');
const PROGRAM = programIdSchema.parse('swan-lake');
const ANN = userIdSchema.parse('ann');
const BEN = userIdSchema.parse('ben');
const currency = currencySchema.parse('CNY');
const NOW_MS = Date.UTC(2026, 5, 1);
const placed = { orderNumber: ORDER, programId: PROGRAM, buyer: ANN, status: 'awaiting_payment' } as const;

function storedAs(orderNumber: OrderNumber): Order {
  return {
    ...{ orderNumber, programId: PROGRAM, buyer: ANN, status: 'awaiting_payment', currency },
    ...{ amountMinor: 68_000, refundedMinor: 0, together: 'row', deadlineMs: NOW_MS + 1_000 },
    ...{ paymentNumber: null, refusal: null, repeats: null, askedAtMs: NOW_MS, placedAtMs: NOW_MS },
    ...{ paidAtMs: null, issuedAtMs: null, endedAtMs: null, tickets: [] },
  };
}

function lookup(live: readonly (OrderStatusFound | undefined)[], deps: Partial<OrderLookupDeps> = {}) {
  const answers = [...live];
  return createOrderLookup({
    live: { read: async () => (answers.length > 1 ? answers.shift() : answers[0]) },
    stored: async () => undefined,
    storedProgram: async () => undefined,
    untilReadable: async () => false,
    sleep: async () => undefined,
    nowMs: () => NOW_MS,
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

  it('is not known to a buyer whom the sale takes for the same', async () => {
    const [buyer, twin] = [userIdSchema.parse('zfi6veq5tchvf'), userIdSchema.parse('wisdrltxkfjwn')];
    const orders = lookup([undefined]);
    orders.remember({ ...placed, buyer });
    expect(await orders.programOf(ORDER, twin)).toBeUndefined();
    const live = lookup([{ status: 'awaiting_payment', buyer, programId: PROGRAM }]);
    expect(await live.programOf(ORDER, twin)).toBeUndefined();
  });

  it('is what Redis says by now, not what it was when it was taken', async () => {
    const orders = lookup([{ status: 'cancelled', buyer: ANN, programId: PROGRAM }]);
    orders.remember(placed);
    expect(await orders.statusOf(ORDER, ANN)).toMatchObject({ status: 'cancelled' });
  });
});

describe('an order that another process has taken', () => {
  const numbered = nextOrderNumber(
    startGenerator({ workerId: 1, fromMs: NOW_MS - 1_000, untilMs: NOW_MS + 1_000 }),
    ANN,
    NOW_MS - 500,
  );
  if (numbered.kind === 'refused') throw new Error('There is a number to be had.');
  const { number } = numbered;
  const stored = storedAs(number);

  /** SQL hears of the order while it is waited for; `waits` counts who waited. */
  const hearing = (change: Partial<OrderLookupDeps> = {}) => {
    const heard = { waits: 0 };
    const orders = lookup([undefined], {
      stored: async (_, buyer) => (heard.waits > 0 && buyer === ANN ? stored : undefined),
      untilReadable: async () => {
        heard.waits += 1;
        return true;
      },
      ...change,
    });
    return { orders, heard };
  };

  it('is waited for while it is new, whatever is asked of it', async () => {
    expect(await hearing().orders.statusOf(number, ANN)).toEqual(stored);
    expect(await hearing().orders.programOf(number, ANN)).toBe(PROGRAM);
    expect(await hearing().orders.orderOfBuyer(number, ANN)).toEqual(stored);
  });

  it('is not said to be missing where the read models are later than anybody waits', async () => {
    const late = { untilReadable: async () => false };
    for (const read of ['statusOf', 'programOf', 'orderOfBuyer'] as const) {
      await expect(hearing(late).orders[read](number, ANN)).rejects.toThrow(OverloadedError);
    }
    const known = lookup([{ status: 'awaiting_payment', buyer: ANN, programId: PROGRAM }]);
    await expect(known.orderOfBuyer(number, ANN)).rejects.toThrow(OverloadedError);
  });

  it('is shown as queued where no more than that has come while it was waited for', async () => {
    let looks = 0;
    const queued: Order = { ...stored, status: 'queued' };
    const { orders } = hearing({
      stored: async () => {
        looks += 1;
        return looks > 1 ? queued : undefined;
      },
      untilReadable: async () => false,
    });
    expect(await orders.orderOfBuyer(number, ANN)).toEqual(queued);
  });

  it('is not waited for when its number is old, or another buyer’s', async () => {
    const later = hearing({ nowMs: () => NOW_MS + 60_000 });
    expect(await later.orders.statusOf(number, ANN)).toBeUndefined();
    const others = hearing();
    expect(await others.orders.programOf(number, BEN)).toBeUndefined();
    expect([later.heard.waits, others.heard.waits]).toEqual([0, 0]);
  });
});

describe('a request that was queued twice', () => {
  it('names the order that it had led to before', async () => {
    const orders = lookup([{ status: 'repeated', buyer: ANN, programId: PROGRAM, of: FIRST }]);
    expect(await orders.statusOf(ORDER, ANN)).toMatchObject({ status: 'repeated', repeats: FIRST });
  });
});

describe('a queued order that is decided', () => {
  const decided: OrderStatusFound = { status: 'repeated', buyer: ANN, programId: PROGRAM, of: FIRST };
  const queued: Order = { ...storedAs(ORDER), status: 'queued', placedAtMs: null };
  const repeated: Order = { ...queued, status: 'repeated', repeats: FIRST };

  /** What SQL has before it is waited for; then it has the decision. */
  const heardWhileWaited = (before: Order | undefined): Partial<OrderLookupDeps> => {
    let isReadable = false;
    return {
      stored: async () => (isReadable ? repeated : before),
      untilReadable: async () => {
        isReadable = true;
        return true;
      },
    };
  };

  it('is not shown as queued to who was told so, though the read models have not heard of it', async () => {
    const hearing = heardWhileWaited(queued);
    expect(await lookup([decided], hearing).orderOfBuyer(ORDER, ANN)).toEqual(repeated);
  });

  it('is not shown as queued either where the read models are later than anybody waits', async () => {
    const stored = async () => queued;
    await expect(lookup([decided], { stored }).orderOfBuyer(ORDER, ANN)).rejects.toThrow(OverloadedError);
  });

  it('is waited for by who was told that it is queued, too', async () => {
    const hearing = heardWhileWaited(undefined);
    const orders = lookup([decided], hearing);
    orders.remember({ ...placed, status: 'queued' });
    expect(await orders.orderOfBuyer(ORDER, ANN)).toEqual(repeated);
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
