/** v4 on a real log: the queue decides in its order, once, whoever delivers it and however often. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Delivery, decideQueued } from '../../../src/commands/dispatch/sequencer.ts';
import { dispatchV4 } from '../../../src/commands/dispatch/v4.ts';
import { laneOf, laneStream } from '../../../src/domain/order-queue/index.ts';
import type { SaleEvent } from '../../../src/domain/sale/index.ts';
import type { ProgramId, UserId } from '../../../src/domain/shared/ids.ts';
import { orderQueueCodec } from '../../../src/event-catalogue.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import {
  causedBy,
  type Node,
  newBuyers,
  openAccount,
  orderRequest,
  QUEUE_TTL_MS,
  saleEventsOf,
  startSale,
  useTwoNodes,
} from './node.ts';

const two = useTwoNodes();

const queue = (node: Node, programId: ProgramId, buyer: UserId, key: string) =>
  dispatchV4(node.deps, orderRequest(programId, buyer, 1, key), causedBy(`${buyer} ${key}`));

/** What the program's lane has for it, in order. */
async function queued(programId: ProgramId): Promise<Delivery[]> {
  const lane = laneOf(programId);
  const deliveries: Delivery[] = [];
  for await (const page of createStreamLog(two.store, orderQueueCodec).read(laneStream(lane), 0n)) {
    for (const { event, revision } of page) {
      if (event.data.programId !== programId) continue;
      deliveries.push({ lane, revision, order: event.data, correlationId: 'test' });
    }
  }
  return deliveries;
}

const saleEvents = (programId: ProgramId) => saleEventsOf(two.store, programId);

const sequence = (node: Node, batch: readonly Delivery[], nowMs = Date.now) =>
  decideQueued({ sale: node.deps.sale, nowMs, sleep: (delayMs) => sleep(delayMs) }, batch);

const answered = (events: readonly SaleEvent[]) =>
  events.flatMap((event) =>
    event.type === 'OrderPlaced' || event.type === 'OrderRejected' || event.type === 'OrderRepeated'
      ? [
          {
            type: event.type,
            orderNumber: event.data.orderNumber,
            revision: event.data.queue?.revision ?? -1,
          },
        ]
      : [],
  );

async function stampede(rows: number, count: number): Promise<ProgramId> {
  const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, rows, { perOrder: 4, perBuyer: 4 });
  const buyers = await newBuyers(two.nodes[0], count);
  const answers = await Promise.all(
    buyers.map((buyer, index) => queue(two.nodes[index % 2 === 0 ? 0 : 1], programId, buyer, 'one')),
  );
  expect(answers.every(({ kind }) => kind === 'order_queued')).toBe(true);
  return programId;
}

describe('v4', () => {
  it('has every acknowledged order in the queue, and answers each once, first come first served', async () => {
    const programId = await stampede(3, 60);
    const deliveries = await queued(programId);
    expect(deliveries).toHaveLength(60);
    await sequence(two.nodes[0], deliveries);
    const answers = answered(await saleEvents(programId));
    expect(answers.map(({ revision }) => revision)).toEqual(
      deliveries.map(({ revision }) => Number(revision)),
    );
    expect(answers.map(({ type }) => type)).toEqual([
      ...Array<string>(30).fill('OrderPlaced'),
      ...Array<string>(30).fill('OrderRejected'),
    ]);
  });

  it('decides nothing again when batches are delivered again', async () => {
    const programId = await stampede(2, 30);
    const deliveries = await queued(programId);
    await sequence(two.nodes[0], deliveries.slice(0, 20));
    const before = (await saleEvents(programId)).length;
    await sequence(two.nodes[0], deliveries.slice(0, 20));
    expect(await saleEvents(programId)).toHaveLength(before);
    await sequence(two.nodes[1], deliveries.slice(10));
    const answers = answered(await saleEvents(programId));
    expect(answers.map(({ orderNumber }) => orderNumber)).toEqual(
      deliveries.map(({ order }) => order.orderNumber),
    );
  });

  it('is harmed by no second sequencer at work on the same lane', async () => {
    const programId = await stampede(4, 80);
    const deliveries = await queued(programId);
    const inSlices = async (node: Node, size: number) => {
      for (let from = 0; from < deliveries.length; from += size) {
        await sequence(node, deliveries.slice(from, from + size));
      }
    };
    await Promise.all([inSlices(two.nodes[0], 7), inSlices(two.nodes[1], 11)]);
    const answers = answered(await saleEvents(programId));
    expect(answers.map(({ orderNumber }) => orderNumber)).toEqual(
      deliveries.map(({ order }) => order.orderNumber),
    );
    expect(answers.filter(({ type }) => type === 'OrderPlaced')).toHaveLength(40);
  });

  it('abandons what nobody waits for any more, and holds nothing for it', async () => {
    const programId = await stampede(1, 3);
    const deliveries = await queued(programId);
    await sequence(two.nodes[0], deliveries, () => Date.now() + 2 * QUEUE_TTL_MS);
    const rejected = (await saleEvents(programId)).flatMap((event) =>
      event.type === 'OrderRejected' ? [event.data.code] : [],
    );
    expect(rejected).toEqual(['abandoned', 'abandoned', 'abandoned']);
    expect((await saleEvents(programId)).some(({ type }) => type === 'OrderPlaced')).toBe(false);
  });

  it('answers a request that was queued twice with its one order', async () => {
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 2, { perOrder: 4, perBuyer: 8 });
    const buyer = await openAccount(two.nodes[0], randomUUID());
    await queue(two.nodes[0], programId, buyer, 'the same');
    await queue(two.nodes[1], programId, buyer, 'the same');
    await sequence(two.nodes[1], await queued(programId));
    const events = await saleEvents(programId);
    const placed = events.flatMap((event) => (event.type === 'OrderPlaced' ? [event.data.orderNumber] : []));
    const repeated = events.flatMap((event) => (event.type === 'OrderRepeated' ? [event.data.of] : []));
    expect(placed).toHaveLength(1);
    expect(repeated).toEqual(placed);
  });

  it('decides everything when the event store is killed in the middle', async () => {
    const programId = await stampede(5, 50);
    const deliveries = await queued(programId);
    const deciding = Promise.all([sequence(two.nodes[0], deliveries), sequence(two.nodes[1], deliveries)]);
    await two.devstore.kill('SIGKILL');
    await two.devstore.restart();
    await deciding;
    const answers = answered(await saleEvents(programId));
    expect(answers.map(({ orderNumber }) => orderNumber)).toEqual(
      deliveries.map(({ order }) => order.orderNumber),
    );
  });
});
