/** Sales that ended, are missing, are unknown to the log, cannot be folded or have no room; and rebuilds side by side. */
import { beforeEach, describe, expect, it } from 'vitest';
import { keyOfDigest } from '../../../src/domain/sale/keys.ts';
import { programIdSchema } from '../../../src/domain/shared/ids.ts';
import { nameOf } from '../../../src/gate/keys.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { ANN, BEN, idOf, NOW_MS, people, placeOrder } from '../../domain/sale/fixtures.ts';
import { fill } from '../../gate/support.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import {
  beginSale,
  keyIn,
  options,
  patientGate,
  rebuildables,
  shortly,
  startProjector,
  untilSettled,
} from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
const DAY_MS = 86_400_000;
const benOrder = () =>
  placeOrder({
    ...{ orderNumber: idOf.order(2), requestId: idOf.request(2), buyer: BEN, ticketUsers: people(3) },
    want: { by: 'seats', seats: [3] },
  });

/** Everything in the log is in Redis, whatever earlier tests left there. */
beforeEach(async () => {
  await redis.client.flushall();
  await gateOf().rebuild(options());
});

const gateOf = (maxPlaces = 500_000) => rebuildables(redis, two.store, { maxPlaces }).gate;

async function settled() {
  const sale = await beginSale(two.store);
  await sale.command(placeOrder());
  await gateOf().rebuild(options());
  return sale;
}

const verified = async (maxPlaces?: number) =>
  shortly((await gateOf(maxPlaces).verify(options())).differences);

describe('a sale that has ended', () => {
  it('is not missed where Redis has forgotten it, and not brought back', async () => {
    const sale = await settled();
    await sale.command({ type: 'EndSale', nowMs: NOW_MS });
    await redis.client.flushall();
    expect((await gateOf().rebuild(options())).outcome).toBe('swapped');
    expect(await redis.client.keys(keyIn(sale.programId, '*'))).toEqual([]);
    expect(await verified()).toEqual({ count: 0, first: [] });
  });

  it('is mended while Redis knows it still, and forgotten no later for that', async () => {
    const sale = await settled();
    await sale.command({ type: 'EndSale', nowMs: NOW_MS });
    const projector = await startProjector(redis, two.store);
    await untilSettled(redis, sale);
    await projector.stop();
    await redis.client.hincrby(keyIn(sale.programId, 'stock'), '0:0', 1);
    expect(await verified()).toMatchObject({ count: 1, first: [{ place: 'stock' }] });
    await gateOf().rebuild(options());
    expect(await verified()).toEqual({ count: 0, first: [] });
    const ttlMs = await redis.client.pttl(keyIn(sale.programId, 'stock'));
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(DAY_MS);
  });
});

describe('a live sale', () => {
  it('that Redis does not have is a difference, and comes back', async () => {
    const sale = await settled();
    await redis.client.del(keyIn(sale.programId, 'stock'));
    expect(await verified()).toEqual({
      count: 1,
      first: [{ place: 'counters', key: sale.programId, live: null, expected: { revision: '1' } }],
    });
    await gateOf().rebuild(options());
    expect(await verified()).toEqual({ count: 0, first: [] });
  });

  it('is compared at the revision that Redis has seen, however far the log is', async () => {
    const sale = await settled();
    await sale.command(benOrder());
    expect(await verified()).toEqual({ count: 0, first: [] });
    await redis.client.hincrby(keyIn(sale.programId, 'stock'), '0:0', -1);
    expect(await verified()).toMatchObject({ count: 1, first: [{ place: 'stock', live: 10, expected: 11 }] });
    await gateOf().rebuild(options());
    // Nobody settles: the new version is where the old one was.
    expect((await patientGate(redis).counters(sale.programId))?.revision).toBe(1n);
    const projector = await startProjector(redis, two.store);
    await untilSettled(redis, sale);
    await projector.stop();
    expect(await verified()).toEqual({ count: 0, first: [] });
  });

  it('of which there are counters beyond the end of its log gets those of the log', async () => {
    const sale = await settled();
    await redis.client.hset(keyIn(sale.programId, 'stock'), 'revision', 77);
    expect(await verified()).toEqual({
      count: 1,
      first: [
        { place: 'counters', key: sale.programId, live: { revision: '77' }, expected: { revision: '1' } },
      ],
    });
    await gateOf().rebuild(options());
    expect(await verified()).toEqual({ count: 0, first: [] });
  });

  it('whose answered requests were lost lets them through again after a rebuild', async () => {
    const nowMs = Date.now();
    const sale = await beginSale(two.store, { opensAtMs: nowMs - DAY_MS, closesAtMs: nowMs + DAY_MS });
    await sale.command(placeOrder({ nowMs }));
    await gateOf().rebuild(options());
    const name = nameOf(keyOfDigest(idOf.request(1)));
    await redis.client.zrem(keyIn(sale.programId, 'requests'), name);
    const found = (await gateOf().verify(options())).differences;
    expect(shortly(found)).toMatchObject({
      count: 1,
      first: [{ place: 'requests', key: `${sale.programId} ${name}`, live: null, expected: 'answered' }],
    });
    expect(found.first[0]?.positions).toHaveLength(1);
    await gateOf().rebuild(options());
    expect(await verified()).toEqual({ count: 0, first: [] });
    const again = { programId: sale.programId, buyer: ANN, requestId: idOf.request(1) };
    const takes = [{ category: 0, places: 2 }];
    expect(await patientGate(redis).reserve({ ...again, takes })).toEqual({
      kind: 'open',
      reason: 'repeated',
    });
  });

  it('keeps what was reserved when its counters are swapped', async () => {
    const { programId } = await settled();
    const gate = patientGate(redis);
    const order = { programId, buyer: BEN, requestId: idOf.request(9) };
    const takes = [{ category: 0, places: 3 }];
    expect(await gate.reserve({ ...order, takes })).toMatchObject({ kind: 'reserved' });
    await gateOf().rebuild(options());
    expect((await gate.counters(programId))?.categories[0]).toEqual({
      category: 0,
      projected: 11,
      pending: 3,
    });
    expect(await gate.release(order)).toBe('released');
    expect((await gate.counters(programId))?.categories[0]?.pending).toBe(0);
  });

  it('is left as it is where nobody accepts the differences', async () => {
    const { programId } = await settled();
    await redis.client.hincrby(keyIn(programId, 'stock'), '0:0', 1);
    const before = await redis.client.hgetall(keyIn(programId, 'stock'));
    const { outcome, swapMs } = await gateOf().rebuild(options({ accept: async () => false }));
    expect({ outcome, swapMs }).toEqual({ outcome: 'declined', swapMs: 0 });
    expect(await redis.client.hgetall(keyIn(programId, 'stock'))).toEqual(before);
    const again = await gateOf().rebuild(options({ accept: async () => false }));
    expect(again).toMatchObject({ outcome: 'declined', differences: { count: 1 } });
    expect(again.certificate.continuity.resumedAfter).toHaveLength(1);
    expect(await gateOf().discard()).toBe(true);
    expect(await gateOf().discard()).toBe(false);
  });
});

describe('counters of a sale that the log does not know', () => {
  it('are a difference, and are gone after a rebuild', async () => {
    const programId = programIdSchema.parse('nobodys');
    await fill(patientGate(redis), programId, { free: [5] });
    expect(await verified()).toEqual({
      count: 1,
      first: [{ place: 'counters', key: programId, live: { revision: '0' }, expected: null }],
    });
    await gateOf().rebuild(options());
    expect(await patientGate(redis).counters(programId)).toBeUndefined();
  });
});

describe('with room for one sale only', () => {
  it('every sale is compared and rebuilt all the same', async () => {
    const sales = [await beginSale(two.store), await beginSale(two.store), await beginSale(two.store)];
    for (const sale of sales) await sale.command(placeOrder());
    for (const sale of sales) await sale.command(benOrder());
    await gateOf(1).rebuild(options());
    for (const sale of sales) await redis.client.hincrby(keyIn(sale.programId, 'stock'), '1:0', 1);
    expect((await verified(1)).count).toBe(sales.length);
    const [one, other] = [await gateOf(1).verify(options()), await gateOf().verify(options())];
    expect(one.certificate.digest).toBe(other.certificate.digest);
    await gateOf(1).rebuild(options());
    expect(await verified(1)).toEqual({ count: 0, first: [] });
  });
});

describe('going back', () => {
  it('is refused where no version is kept', async () => {
    await redis.client.flushall();
    await expect(gateOf().rollback(options())).rejects.toMatchObject({ code: 'no_earlier_version' });
  });
});

describe('rebuilding twice at once', () => {
  it('is refused to the second', async () => {
    await settled();
    let atWork = (): void => undefined;
    const isAtWork = new Promise<void>((go) => {
      atWork = go;
    });
    let goOn = (_accepted: boolean): void => undefined;
    const asked = new Promise<boolean>((go) => {
      goOn = go;
    });
    const keys = await redis.client.keys('seatlog:gate:*:stock');
    for (const key of keys) await redis.client.hincrby(key, '0:0', 1);
    const accept = (): Promise<boolean> => {
      atWork();
      return asked;
    };
    const first = gateOf().rebuild(options({ accept }));
    await isAtWork;
    await expect(gateOf().verify(options())).rejects.toMatchObject({ code: 'rebuild_in_progress' });
    goOn(true);
    expect((await first).outcome).toBe('swapped');
    expect((await verified()).count).toBe(0);
  });
});

describe('a rebuild that is told to stop', () => {
  it('rejects with the reason and leaves the counters as they are', async () => {
    const { programId } = await settled();
    const before = await redis.client.hgetall(keyIn(programId, 'stock'));
    const stop = new AbortController();
    const reason = new Error('enough');
    const rebuilding = gateOf().rebuild(
      options({
        signal: stop.signal,
        onProgress: ({ phase }) => phase === 'comparing' && stop.abort(reason),
      }),
    );
    await expect(rebuilding).rejects.toBe(reason);
    expect(await redis.client.hgetall(keyIn(programId, 'stock'))).toEqual(before);
  });
});

// The last one: the log of this file cannot be mended.
describe('a sale whose log cannot be folded', () => {
  it('is to have no counters, its events are skipped, and the others are rebuilt', async () => {
    const other = await settled();
    const sale = await settled();
    await sale.append({
      type: 'OrderPaid',
      data: {
        ...{ orderNumber: idOf.order(77), paymentNumber: idOf.payment(1) },
        ...{ amountMinor: idOf.money(5), places: [[0, 1]] },
      },
    });
    const { differences, certificate } = await gateOf().verify(options());
    expect(shortly(differences)).toEqual({
      count: 1,
      first: [{ place: 'counters', key: sale.programId, live: { revision: '1' }, expected: null }],
    });
    expect(certificate.events.skipped).toEqual({ OrderPaid: 1 });
    expect(certificate.skips).toMatchObject([{ type: 'OrderPaid', actor: 'seatlog' }]);
    await gateOf().rebuild(options());
    expect(await redis.client.exists(keyIn(sale.programId, 'stock'))).toBe(0);
    expect(await redis.client.exists(keyIn(other.programId, 'stock'))).toBe(1);
    expect(await verified()).toEqual({ count: 0, first: [] });
  });
});
