/** What becomes of the projector when Redis is away, a sale cannot be read, has ended, or has no room in memory. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type SaleCommand,
  type SaleEvent,
  saleDecider,
  saleStream,
  snapshotSale,
} from '../../src/domain/sale/index.ts';
import type { ProgramId } from '../../src/domain/shared/ids.ts';
import type { GateProjectorDeps } from '../../src/live/gate-projector.ts';
import { placesInSnapshots } from '../../src/live/saved-place.ts';
import { ANN, holdSeats, idOf, NOW_MS, placeOrder, queue, terms } from '../domain/sale/fixtures.ts';
import { createModel, follow } from '../domain/sale/model.ts';
import { newProgram } from '../gate/support.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { createMemoryLog, type MemoryLog } from './log.ts';
import {
  keep,
  memoryPlaces,
  noSnapshots,
  patientGate,
  setBack,
  startProjector,
  testStatuses,
  untilSeen,
  untilTrue,
} from './support.ts';

const redis = useRedisServer();

/** A sale that is commanded, with its model beside it. */
function newSale(log: MemoryLog) {
  const programId = newProgram();
  const model = createModel(terms({ programId }));
  const state = saleDecider.initial();
  const happen = (...events: readonly SaleEvent[]): void => {
    for (const event of events) {
      saleDecider.evolve(state, event);
      follow(model, event);
    }
    log.append(saleStream(programId), events);
  };
  happen({ type: 'SaleStarted', data: model.terms });
  const command = (one: SaleCommand): void => happen(...saleDecider.decide(one, state).events);
  return { programId, model, state, command, happen };
}

const numbered = (number: number, seat: number) =>
  placeOrder({
    orderNumber: idOf.order(number),
    requestId: idOf.request(number),
    buyer: idOf.user(`buyer-${number}`),
    want: { by: 'seats', seats: [seat] },
    ticketUsers: placeOrder().ticketUsers.slice(0, 1),
  });

async function started(log: MemoryLog, change: Partial<GateProjectorDeps> = {}) {
  const { gate, clock } = patientGate(redis);
  const projector = await startProjector(redis, log, { gate, ...change });
  onTestFinished(() => projector.stop());
  return { gate, clock, projector };
}

// The orders of every test have the same numbers.
beforeEach(() => redis.client.flushall());

describe('the projector', () => {
  it('waits for a Redis that is away, and fills it when it comes back with nothing', async () => {
    const log = createMemoryLog();
    const sale = newSale(log);
    const { gate, projector } = await started(log);
    await untilTrue(redis, gate, sale.model, log);
    await redis.stop();
    sale.command(holdSeats());
    sale.command(placeOrder({ want: { by: 'hold', holdToken: idOf.hold('hold-1') } }));
    await until('somebody hears of it', () => projector.state().lastError !== undefined);
    expect(projector.state().position).toBeLessThan(BigInt(log.length() - 1));
    expect(projector.state().lagEvents).toBeGreaterThan(0);
    await redis.start();
    await untilTrue(redis, gate, sale.model, log);
    await untilSeen([projector], log);
    expect(projector.state()).toMatchObject({ lagEvents: 0, lagMs: 0, liveSales: 1 });
  });

  it('can be stopped while Redis is away, and another one goes on', async () => {
    const log = createMemoryLog();
    const sale = newSale(log);
    const places = memoryPlaces();
    const first = await started(log, { places });
    await untilTrue(redis, first.gate, sale.model, log);
    await redis.stop();
    sale.command(placeOrder());
    await until('somebody hears of it', () => first.projector.state().lastError !== undefined);
    await first.projector.stop();
    await redis.start();
    const second = await started(log, { places });
    await untilTrue(redis, second.gate, sale.model, log);
  });

  it('knows after a restart which sales are on, and fills a Redis that forgot them meanwhile', async () => {
    const log = createMemoryLog();
    const sale = newSale(log);
    sale.command(placeOrder());
    const rows = new Map<string, { revision: bigint; bytes: Uint8Array }>();
    const store = {
      load: async (stream: string) => rows.get(stream),
      save: async (stream: string, snapshot: { revision: bigint; bytes: Uint8Array }) => {
        rows.set(stream, snapshot);
      },
    };
    const places = placesInSnapshots(store, 'gate-projector');
    const first = await started(log, { places });
    await untilTrue(redis, first.gate, sale.model, log);
    await untilSeen([first.projector], log);
    await first.projector.stop();
    await redis.client.flushall();
    await store.save(saleStream(sale.programId), { revision: 1n, bytes: snapshotSale(sale.state) });
    const second = await started(log, { places, snapshots: store });
    await untilTrue(redis, second.gate, sale.model, log);
    expect(second.projector.state()).toMatchObject({ applied: 0, refills: 1 });
  });

  it('opens the gate of a sale that cannot be folded, and goes on with the others', async () => {
    const log = createMemoryLog();
    const good = newSale(log);
    const bad = newSale(log);
    const { gate, projector } = await started(log);
    await untilTrue(redis, gate, bad.model, log);
    const stray = { orderNumber: idOf.order(77), places: [] };
    log.append(saleStream(bad.programId), [{ type: 'OrderExpired', data: stray }]);
    good.command(placeOrder());
    await untilTrue(redis, gate, good.model, log);
    expect(await gate.counters(bad.programId)).toBeUndefined();
    expect(projector.state()).toMatchObject({ brokenSales: [bad.programId], liveSales: 1 });
    expect(projector.state().lastError?.message).toMatch(/OrderExpired/);
  });

  it('opens the gate of a sale with an event that cannot be read', async () => {
    const log = createMemoryLog();
    const sale = newSale(log);
    const source: GateProjectorDeps['source'] = {
      start: (from, onBatch) =>
        log.source().start(from, ({ events, position }) => {
          const damaged = events.map((entry) =>
            entry.event.revision === 0n
              ? entry
              : ({ kind: 'corrupt', event: entry.event, error: new Error('No JSON.') } as const),
          );
          return onBatch({ events: damaged, position });
        }),
    };
    const { gate, projector } = await started(log, { source });
    await untilTrue(redis, gate, sale.model, log);
    sale.command(placeOrder());
    await until('the sale is set aside', () => projector.state().brokenSales.length === 1);
    expect(await gate.counters(sale.programId)).toBeUndefined();
  });

  it('has Redis forget a sale that has ended, some time later, and does not bring it back', async () => {
    const log = createMemoryLog();
    const sale = newSale(log);
    sale.command(placeOrder());
    const { gate, projector } = await started(log);
    await untilTrue(redis, gate, sale.model, log);
    sale.command({ type: 'EndSale', nowMs: NOW_MS });
    await until('it is no live sale any more', () => projector.state().liveSales === 0);
    await untilTrue(redis, gate, sale.model, log);
    const ttlOf = (key: string, programId: ProgramId) =>
      redis.client.pttl(`seatlog:gate:{${programId}}:${key}`);
    for (const key of ['stock', 'buyers', 'requests', 'seats']) {
      expect(await ttlOf(key, sale.programId)).toBeGreaterThan(80_000_000);
    }
    await redis.client.flushall();
    sale.command({ type: 'CancelOrder', orderNumber: idOf.order(1), buyer: ANN });
    await untilSeen([projector], log);
    expect(await gate.counters(sale.programId)).toBeUndefined();
  });

  it('throws away what Redis says of another log', async () => {
    const log = createMemoryLog();
    const sale = newSale(log);
    const { gate } = patientGate(redis);
    const categories = [{ category: 0, places: 99 }];
    const ofAnother = { programId: sale.programId, revision: 500n, limitPerBuyer: 1, categories, buyers: [] };
    await gate.refill(ofAnother);
    await started(log);
    await untilTrue(redis, gate, sale.model, log);
  });

  it('keeps many sales right with room for hardly one of them', async () => {
    const log = createMemoryLog();
    const sales = Array.from({ length: 12 }, () => newSale(log));
    const { gate, projector } = await started(log, { maxPlaces: 20, snapshots: noSnapshots });
    for (let number = 1; number <= 10; number += 1) {
      for (const { command } of sales) command(numbered(number, number - 1));
    }
    for (const { model } of sales) await untilTrue(redis, gate, model, log);
    expect(projector.state().liveSales).toBe(12);
  });

  it.each(['goes on', 'is started anew'])(
    'tells again of the orders that a Redis forgot which is set back while it %s',
    async (projectorThat) => {
      const log = createMemoryLog();
      const sale = newSale(log);
      const places = memoryPlaces();
      const first = await started(log, { places });
      const [paid, rejected] = [idOf.order(1), idOf.order(2)];
      sale.command(numbered(1, 0));
      await untilSeen([first.projector], log);
      const { statuses } = testStatuses(redis);
      await statuses.markQueued({
        orderNumber: rejected,
        buyer: ANN,
        programId: sale.programId,
        deadlineMs: 1,
      });
      const kept = await keep(redis);
      const payment = { paymentNumber: idOf.payment(1), amountMinor: idOf.money(500) };
      sale.command({ type: 'ConfirmPayment', orderNumber: paid, ...payment });
      const request = { orderNumber: rejected, buyer: ANN, requestId: idOf.request(2) };
      sale.happen({ type: 'OrderRejected', data: { ...request, code: 'sold_out', queue: queue(0) } });
      await untilSeen([first.projector], log);
      if (projectorThat === 'is started anew') await first.projector.stop();
      await setBack(redis, kept);
      if (projectorThat === 'is started anew') await started(log, { places });
      await untilTrue(redis, first.gate, sale.model, log);
      expect(await statuses.read(paid)).toMatchObject({ status: 'paid' });
      expect(await statuses.read(rejected)).toMatchObject({ status: 'rejected', refusal: 'sold_out' });
    },
  );

  it('tells of every refund with room for hardly one of the sales', async () => {
    const log = createMemoryLog();
    const sales = [1, 2, 3].map((number) => ({ number, ...newSale(log) }));
    for (const { number, command } of sales) {
      const orderNumber = idOf.order(number);
      const payment = { paymentNumber: idOf.payment(number), amountMinor: idOf.money(500) };
      command(numbered(number, 0));
      command({ type: 'ConfirmPayment', orderNumber, ...payment });
      command({ type: 'RefundOrder', orderNumber });
    }
    // In one batch, so that each of them pushes the one before out of memory.
    const source = log.source({ back: () => 0, size: () => log.length() });
    const { projector } = await started(log, { maxPlaces: 1, source });
    await untilSeen([projector], log);
    const { statuses } = testStatuses(redis);
    for (const { number } of sales) {
      expect(await statuses.read(idOf.order(number))).toMatchObject({ status: 'refunded' });
    }
  });
});
