/** The statuses of orders in Redis: what is wrong or missing there is found, named and mended. */
import { randomInt } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OrderNumber } from '../../../src/domain/shared/ids.ts';
import { openRegistry } from '../../../src/gate/registry.ts';
import { readGateReport } from '../../../src/live/gate-reports.ts';
import { statusKeyOf } from '../../../src/live/order-statuses.ts';
import { createBuilds } from '../../../src/live/rebuild/builds.ts';
import { beforeKeyOf, restoreScript } from '../../../src/live/rebuild/mending.ts';
import { certificateSchema } from '../../../src/rebuild/certificate.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { ANN, idOf, NOW_MS, people, placeOrder } from '../../domain/sale/fixtures.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { beginSale, type CommandedSale, options, rebuildables, shortly, startProjector } from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
beforeEach(() => redis.client.flushall());

/** Orders of all tests are in one log. */
const newNumber = (): OrderNumber => idOf.order(1 + randomInt(2 ** 40));

async function place(sale: CommandedSale, seat: number): Promise<OrderNumber> {
  const orderNumber = newNumber();
  const request = idOf.request(seat + 1);
  const want = { by: 'seats', seats: [seat] } as const;
  await sale.command(placeOrder({ orderNumber, requestId: request, want, ticketUsers: people(seat + 1) }));
  return orderNumber;
}

const cancel = (sale: CommandedSale, orderNumber: OrderNumber) =>
  sale.command({ type: 'CancelOrder', orderNumber, buyer: ANN });

/** A projector that has seen everything, says so, and ends. */
async function seenByRedis() {
  const projector = await startProjector(redis, two.store);
  const last = (await two.store.readAllPage({ direction: 'backwards', maxCount: 1 }))[0]?.position;
  await until('the projector says that it has seen everything', async () => {
    return (await readGateReport(redis.client))?.position === last;
  });
  await projector.stop();
}

/** What earlier tests left in the log is an hour’s work of the projector, and not this test’s. */
async function mended() {
  const { orderStatuses } = rebuildables(redis, two.store);
  await orderStatuses.rebuild(options());
  return orderStatuses;
}

describe('the statuses of orders', () => {
  it('are what the log says when a projector has written them, and its certificate says so', async () => {
    const sale = await beginSale(two.store);
    const order = await place(sale, 0);
    await cancel(sale, await place(sale, 1));
    await seenByRedis();
    const { orderStatuses } = rebuildables(redis, two.store);
    const { differences, certificate } = await orderStatuses.verify(options());
    expect(shortly(differences)).toEqual({ count: 0, first: [] });
    expect(certificateSchema.parse(certificate)).toEqual(certificate);
    expect(certificate).toMatchObject({ projection: 'order_statuses', work: 'verify', differences: 0 });
    expect(certificate.events.applied['OrderPlaced']).toBeGreaterThanOrEqual(2);
    expect(await redis.client.get(statusKeyOf(order))).toContain('awaiting_payment');
  });

  it('are found and mended where somebody changed, removed or invented one, or set a revision beyond the log', async () => {
    const sale = await beginSale(two.store);
    const orders = [await place(sale, 0), await place(sale, 1), await place(sale, 2), await place(sale, 3)];
    const [changed = newNumber(), removed = newNumber(), ahead = newNumber(), fine = newNumber()] = orders;
    await cancel(sale, changed);
    await seenByRedis();
    const orderStatuses = await mended();
    const right = await Promise.all(orders.map((order) => redis.client.get(statusKeyOf(order))));
    const invented = newNumber();
    const fineValue = String(right[3]);
    await redis.client.set(statusKeyOf(changed), String(right[0]).replace('cancelled', 'paid'), 'EX', 60);
    await redis.client.del(statusKeyOf(removed));
    await redis.client.set(statusKeyOf(ahead), String(right[2]).replace(/^\d+/, '999'));
    await redis.client.set(statusKeyOf(invented), fineValue, 'EX', 60);
    await redis.client.set('seatlog:order:{nonsense}', 'x', 'EX', 60);
    const { differences } = await orderStatuses.verify(options());
    const byKey = new Map(differences.first.map((one) => [one.key, one]));
    expect(differences.count).toBe(5);
    expect(byKey.get(changed)).toMatchObject({ live: { status: 'paid' }, expected: { status: 'cancelled' } });
    expect(byKey.get(changed)?.positions).toHaveLength(2);
    expect(byKey.get(removed)).toMatchObject({
      live: null,
      expected: { status: 'awaiting_payment', buyer: ANN },
    });
    expect(byKey.get(ahead)).toMatchObject({ live: { revision: 999 }, expected: { revision: 3 } });
    expect(byKey.get(invented)).toMatchObject({ expected: null, positions: [] });
    expect(byKey.get('seatlog:order:{nonsense}')).toMatchObject({ live: 'x', expected: null });
    expect(byKey.has(fine)).toBe(false);
    const declined = await orderStatuses.rebuild(options({ accept: async () => false }));
    expect(declined).toMatchObject({ outcome: 'declined', swapMs: 0 });
    expect(await redis.client.get(statusKeyOf(removed))).toBeNull();
    const rebuilt = await orderStatuses.rebuild(options());
    expect(rebuilt).toMatchObject({ outcome: 'swapped', differences: { count: 5 } });
    expect(await Promise.all(orders.map((order) => redis.client.get(statusKeyOf(order))))).toEqual(right);
    expect(await redis.client.pttl(statusKeyOf(ahead))).toBeGreaterThan(0);
    expect(await redis.client.exists(statusKeyOf(invented), 'seatlog:order:{nonsense}')).toBe(0);
    expect((await orderStatuses.verify(options())).differences.count).toBe(0);
  });

  it('that are newer than the projector says, or not there yet, are no differences', async () => {
    const sale = await beginSale(two.store);
    const order = await place(sale, 0);
    await seenByRedis();
    const orderStatuses = await mended();
    const report = await redis.client.get('seatlog:gate:projector');
    await cancel(sale, order);
    const later = await place(sale, 1);
    const notYet = await orderStatuses.verify(options());
    expect(shortly(notYet.differences)).toEqual({ count: 0, first: [] });
    await seenByRedis();
    // As another process saw it a second ago.
    await redis.client.set('seatlog:gate:projector', String(report));
    const ahead = await orderStatuses.verify(options());
    expect(shortly(ahead.differences)).toEqual({ count: 0, first: [] });
    expect(await redis.client.exists(statusKeyOf(later))).toBe(1);
  });

  it('that Redis lost with everything else come back by a rebuild, those of ended sales too', async () => {
    const sale = await beginSale(two.store);
    const order = await place(sale, 0);
    await sale.command({ type: 'EndSale', nowMs: NOW_MS });
    await seenByRedis();
    const kept = await redis.client.get(statusKeyOf(order));
    await cancel(sale, order);
    await seenByRedis();
    // Set back to before the order was cancelled: nobody looks after a sale that has ended.
    await redis.client.set(statusKeyOf(order), String(kept), 'EX', 60);
    const orderStatuses = await mended();
    expect(await redis.client.get(statusKeyOf(order))).toContain('cancelled');
    expect((await orderStatuses.verify(options())).differences.count).toBe(0);
  });

  it('have no earlier version before any of them was replaced', async () => {
    const { orderStatuses } = rebuildables(redis, two.store);
    await expect(orderStatuses.rollback(options())).rejects.toMatchObject({ code: 'no_earlier_version' });
  });
});

describe('the order statuses of before', () => {
  /** Two orders, one of them changed and one removed by hand, and a rebuild that has mended both. */
  async function replaced() {
    const sale = await beginSale(two.store);
    const [changed, removed, fine] = [await place(sale, 0), await place(sale, 1), await place(sale, 2)];
    await seenByRedis();
    const orderStatuses = await mended();
    const orders = [changed, removed, fine];
    const now = (): Promise<(string | null)[]> =>
      Promise.all(orders.map((order) => redis.client.get(statusKeyOf(order))));
    const right = await now();
    const wrong = [String(right[0]).replace('awaiting_payment', 'paid'), null, right[2]];
    await redis.client.set(statusKeyOf(changed), String(wrong[0]), 'EX', 60);
    await redis.client.del(statusKeyOf(removed));
    await orderStatuses.rebuild(options());
    expect(await now()).toEqual(right);
    return { sale, orderStatuses, changed, removed, now, right, wrong };
  }

  it('come back as they were, and a second rollback goes forward again', async () => {
    const { orderStatuses, changed, now, right, wrong } = await replaced();
    const { build } = await orderStatuses.rollback(options());
    expect(await now()).toEqual(wrong);
    expect(await redis.client.pttl(statusKeyOf(changed))).toBeGreaterThan(0);
    expect(await orderStatuses.rollback(options())).toMatchObject({ build: build + 1 });
    expect(await now()).toEqual(right);
  });

  it('stay what they are where the order has changed since', async () => {
    const { sale, orderStatuses, changed, removed, now, wrong } = await replaced();
    await cancel(sale, changed);
    await seenByRedis();
    await orderStatuses.rollback(options());
    const [is, gone] = await now();
    expect(is).toContain('cancelled');
    expect([gone, wrong[1]]).toEqual([null, null]);
    await orderStatuses.rollback(options());
    expect((await now())[0]).toContain('cancelled');
    expect(await redis.client.get(statusKeyOf(removed))).toContain('awaiting_payment');
  });

  it('are kept over a rebuild that finds nothing to replace', async () => {
    const { orderStatuses, now, wrong } = await replaced();
    await orderStatuses.rebuild(options());
    await orderStatuses.rollback(options());
    expect(await now()).toEqual(wrong);
  });

  it('come back whole where the rollback was interrupted before its end', async () => {
    const { orderStatuses, changed, now, wrong } = await replaced();
    const builds = createBuilds(redis.client, 'order_statuses');
    const { swapId, undoes = '' } = await builds.beginRollback();
    const keys = { order: statusKeyOf(changed), before: beforeKeyOf(changed) };
    expect(await openRegistry(redis.client)(restoreScript, keys, { swapId, undoes })).toBe('restored');
    await orderStatuses.rollback(options());
    expect(await now()).toEqual(wrong);
    expect(await builds.live()).toBe(1);
  });

  it('are gone with what replaced them', async () => {
    const { orderStatuses, changed, removed } = await replaced();
    for (const order of [changed, removed]) {
      expect(await redis.client.pttl(beforeKeyOf(order))).toBeGreaterThan(0);
      await redis.client.pexpire(beforeKeyOf(order), 1);
    }
    await until('they are gone', async () => {
      return (await redis.client.exists(beforeKeyOf(changed), beforeKeyOf(removed))) === 0;
    });
    await expect(orderStatuses.rollback(options())).rejects.toMatchObject({ code: 'no_earlier_version' });
  });
});
