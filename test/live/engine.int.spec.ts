/** The gate in front of real orders: two nodes, a real log, two projectors, and a Redis that loses everything. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Delivery, decideQueued } from '../../src/commands/dispatch/sequencer.ts';
import { dispatchV3 } from '../../src/commands/dispatch/v3.ts';
import { dispatchV4 } from '../../src/commands/dispatch/v4.ts';
import { laneOf, laneStream } from '../../src/domain/order-queue/index.ts';
import type { SaleTerms } from '../../src/domain/sale/index.ts';
import type { ProgramId, UserId } from '../../src/domain/shared/ids.ts';
import { orderQueueCodec, saleCodec } from '../../src/event-catalogue.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { createGate, createOrderGate } from '../../src/gate/index.ts';
import { startGateProjector } from '../../src/live/gate-projector.ts';
import { gateSource } from '../../src/live/gate-source.ts';
import { createOrderStatuses } from '../../src/live/order-statuses.ts';
import {
  causedBy,
  type Node,
  newBuyers,
  orderRequest,
  placedOrdersOf,
  saleEventsOf,
  startSale,
  useTwoNodes,
} from '../commands/dispatch/node.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { memoryPlaces, noSnapshots, sleep } from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
const LIMITS = { perOrder: 4, perBuyer: 4 };
const LOOK_EVERY_MS = 50;

const termsOf = async (programId: ProgramId): Promise<SaleTerms | undefined> => {
  const [first] = await saleEventsOf(two.store, programId);
  return first?.type === 'SaleStarted' ? first.data : undefined;
};

/** The real gate, in front of a node that the other tests run without one. */
function atTheGate() {
  const onTrouble = (): void => undefined;
  const gate = createGate({ client: redis.client, nowMs: Date.now, onTrouble, timeoutMs: 2_000 });
  const statuses = createOrderStatuses({ client: redis.client, onTrouble, timeoutMs: 2_000 });
  const orderGate = createOrderGate(gate, { termsOf });
  const behind = ({ deps }: Node) => ({ ...deps, gate: orderGate });
  const startProjector = async () => {
    const projector = await startGateProjector({
      source: gateSource(two.store),
      log: createStreamLog(two.store, saleCodec),
      snapshots: noSnapshots,
      places: memoryPlaces(),
      ...{ gate, statuses, sleep, nowMs: Date.now, lookEveryMs: LOOK_EVERY_MS },
    });
    onTestFinished(() => projector.stop());
    return projector;
  };
  return { gate, statuses, behind, startProjector };
}

async function expectTrue(gate: ReturnType<typeof createGate>, programId: ProgramId, seats: number) {
  await until('Redis has seen the whole sale', async () => {
    const counters = await gate.counters(programId);
    const events = await saleEventsOf(two.store, programId);
    return counters?.revision === BigInt(events.length - 1);
  });
  const sold = (await placedOrdersOf(two.store, programId)).flatMap(({ tickets }) => tickets);
  const counters = await gate.counters(programId);
  expect(counters?.categories).toEqual([{ category: 0, projected: seats - sold.length, pending: 0 }]);
  // After a failure nobody asks Redis for a second, and then one goes first.
  let map = await gate.readSeats(programId, 0, seats);
  await until('the seat map is there', async () => {
    map = await gate.readSeats(programId, 0, seats);
    return map !== undefined;
  });
  const held = Array.from({ length: seats }, (_, seat) => seat).filter(
    (seat) => (((map?.bytes[seat >> 2] ?? 0) >> (2 * (seat & 3))) & 3) === 1,
  );
  expect(new Set(held)).toEqual(new Set(sold.map(({ seat }) => seat)));
}

async function queuedOf(programId: ProgramId): Promise<Delivery[]> {
  const lane = laneOf(programId);
  const deliveries: Delivery[] = [];
  for await (const page of createStreamLog(two.store, orderQueueCodec).read(laneStream(lane), 0n)) {
    for (const { event, revision } of page) {
      const delivery = { lane, revision, order: event.data, correlationId: 'test' };
      if (event.data.programId === programId) deliveries.push(delivery);
    }
  }
  return deliveries;
}

describe('orders behind the gate', () => {
  it('sell a hall out exactly, and losers are turned away without a look at the log', async () => {
    const { gate, behind, startProjector } = atTheGate();
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 3, LIMITS);
    const buyers = await newBuyers(two.nodes[0], 60);
    await startProjector();
    await startProjector();
    await until('the gate counts', async () => (await gate.counters(programId)) !== undefined);
    const buy = (buyer: UserId, index: number) => {
      const node = two.nodes[index % 2 === 0 ? 0 : 1];
      return dispatchV3(behind(node), orderRequest(programId, buyer, 1, 'one'), causedBy(`${buyer}`));
    };
    const answers = await Promise.all(buyers.map(buy));
    expect(answers.filter(({ kind }) => kind === 'order_placed')).toHaveLength(30);
    expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(30);
    await expectTrue(gate, programId, 30);
    // Whoever has an order hears of it again, sold out or not; whoever has none is refused again.
    const again = await Promise.all(buyers.map(buy));
    const numberOf = (answer: (typeof answers)[number]) =>
      answer.kind === 'order_placed' ? answer.orderNumber : answer.code;
    expect(again.map(numberOf)).toEqual(answers.map(numberOf));
  });

  it('go on through a Redis that is flushed, killed and empty again, and it knows them all afterwards', async () => {
    const { gate, behind, startProjector } = atTheGate();
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 6, LIMITS);
    const buyers = await newBuyers(two.nodes[0], 40);
    const projector = await startProjector();
    await until('the gate counts', async () => (await gate.counters(programId)) !== undefined);
    const buy = (from: number, count: number) =>
      Promise.all(
        buyers.slice(from, from + count).map((buyer) => {
          const request = orderRequest(programId, buyer, 1, 'one');
          return dispatchV3(behind(two.nodes[0]), request, causedBy(`${buyer}`));
        }),
      );
    const answers = await buy(0, 10);
    const flushed = redis.client.flushall();
    answers.push(...(await buy(10, 10)));
    await flushed;
    await redis.stop();
    answers.push(...(await buy(20, 10)));
    await redis.start();
    answers.push(...(await buy(30, 10)));
    expect(answers.every(({ kind }) => kind === 'order_placed')).toBe(true);
    await expectTrue(gate, programId, 60);
    // Nothing is sold now, so no event brings the counters back.
    const { refills } = projector.state();
    await redis.client.flushall();
    await until('the counters are back', async () => (await gate.counters(programId)) !== undefined);
    await expectTrue(gate, programId, 60);
    expect(projector.state().refills).toBeGreaterThan(refills);
    expect(projector.state()).toMatchObject({ lagEvents: 0, brokenSales: [] });
  });

  it('that were queued are decided, shown, and give back what they did not get', async () => {
    const { gate, statuses, behind, startProjector } = atTheGate();
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 1, LIMITS);
    const buyers = await newBuyers(two.nodes[0], 3);
    await startProjector();
    await until('the gate counts', async () => (await gate.counters(programId)) !== undefined);
    // Three times four of ten seats: two parties fit, and the gate knows.
    const queue = (buyer: UserId, count: number) => {
      const request = orderRequest(programId, buyer, count, 'one');
      const together = { ...request, want: { ...request.want, allowSplit: false } };
      return dispatchV4(behind(two.nodes[0]), together, causedBy(`${buyer}`));
    };
    const answers = [];
    for (const buyer of buyers) answers.push(await queue(buyer, 3));
    expect(answers.map(({ kind }) => kind)).toEqual(['order_queued', 'order_queued', 'order_queued']);
    expect((await gate.counters(programId))?.categories).toEqual([
      { category: 0, projected: 10, pending: 9 },
    ]);
    const [first, second, third] = answers.map((one) => (one.kind === 'order_queued' ? one : undefined));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('All are queued.');
    await until('the status is there', async () => (await statuses.read(third.orderNumber)) !== undefined);
    expect(await statuses.read(third.orderNumber)).toEqual({
      ...{ status: 'queued', buyer: buyers[2], programId, deadlineMs: third.deadlineMs },
    });
    const deps = { sale: two.nodes[0].deps.sale, sleep };
    const [one, other, late] = await queuedOf(programId);
    if (one === undefined || other === undefined || late === undefined)
      throw new Error('All are in the log.');
    await decideQueued({ ...deps, nowMs: Date.now }, [one, other]);
    await decideQueued({ ...deps, nowMs: () => late.order.deadlineMs }, [late]);
    await until('the last one is shown', async () => {
      return (await statuses.read(third.orderNumber))?.status === 'rejected';
    });
    expect(await statuses.read(third.orderNumber)).toMatchObject({ refusal: 'abandoned', buyer: buyers[2] });
    expect(await statuses.read(first.orderNumber)).toMatchObject({ status: 'awaiting_payment' });
    // Not after ten seconds: the event itself gives the places back.
    await expectTrue(gate, programId, 10);
  });
});
