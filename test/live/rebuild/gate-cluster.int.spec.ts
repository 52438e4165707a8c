/** Rebuilding on a Redis Cluster, through its own client: every call reaches keys of one slot only. */
import { Cluster } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOrderStatuses, statusKeyOf } from '../../../src/live/order-statuses.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { BEN, idOf, people, placeOrder } from '../../domain/sale/fixtures.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { beginSale, keyIn, options, patientGate, rebuildables, shortly } from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer({ cluster: true });
const NOTHING = { count: 0, first: [] };

describe('on a cluster', () => {
  it('sales of several nodes are filled, compared, mended, swapped and swapped back', async () => {
    const cluster = new Cluster([redis.url]);
    onTestFinished(() => cluster.disconnect());
    const { gate } = rebuildables({ client: cluster }, two.store);
    const sales = [await beginSale(two.store), await beginSale(two.store), await beginSale(two.store)];
    for (const sale of sales) await sale.command(placeOrder());
    await gate.rebuild(options());
    for (const { programId } of sales) await cluster.hincrby(keyIn(programId, 'stock'), '0:0', 1);
    expect((await gate.verify(options())).differences.count).toBe(sales.length);
    await gate.rebuild(options());
    expect(shortly((await gate.verify(options())).differences)).toEqual(NOTHING);
    for (const sale of sales) {
      const want = { by: 'seats', seats: [3] } as const;
      const order = { orderNumber: idOf.order(2), requestId: idOf.request(2), buyer: BEN };
      await sale.command(placeOrder({ ...order, want, ticketUsers: people(3) }));
    }
    // What was wrong before is wrong again, at the revision of today.
    await gate.rollback(options());
    expect((await gate.verify(options())).differences.count).toBe(sales.length);
    await gate.rollback(options());
    expect(shortly((await gate.verify(options())).differences)).toEqual(NOTHING);
    const [one] = sales;
    if (one === undefined) throw new Error('There are three sales.');
    expect(await patientGate({ client: cluster }).counters(one.programId)).toBeDefined();
  });

  it('statuses of orders are mended on whatever node they are', async () => {
    const cluster = new Cluster([redis.url]);
    onTestFinished(() => cluster.disconnect());
    const statuses = createOrderStatuses({ client: cluster, onTrouble: () => undefined, timeoutMs: 5_000 });
    const { orderStatuses } = rebuildables({ client: cluster }, two.store);
    const sale = await beginSale(two.store);
    const orderNumber = idOf.order(991);
    await sale.command(placeOrder({ orderNumber }));
    await orderStatuses.rebuild(options());
    expect(await statuses.read(orderNumber)).toMatchObject({ status: 'awaiting_payment' });
    await cluster.del(statusKeyOf(orderNumber));
    expect((await orderStatuses.verify(options())).differences.count).toBe(1);
    await orderStatuses.rebuild(options());
    expect(shortly((await orderStatuses.verify(options())).differences)).toEqual(NOTHING);
  });
});
