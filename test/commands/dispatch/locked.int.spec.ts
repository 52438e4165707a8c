/** v1 and v2 on a real log and a real Redis: the locks coordinate, the log decides, also without the locks. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTurns } from '../../../src/commands/dispatch/turns.ts';
import { dispatchV1 } from '../../../src/commands/dispatch/v1.ts';
import { dispatchV2 } from '../../../src/commands/dispatch/v2.ts';
import type { OrderAnswer } from '../../../src/commands/place-order.ts';
import { type SaleEvent, saleStream } from '../../../src/domain/sale/index.ts';
import type { ProgramId, UserId } from '../../../src/domain/shared/ids.ts';
import { saleCodec } from '../../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../../src/eventstore/index.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { createLocks } from '../../../src/locks.ts';
import { type Devstore, startDevstore } from '../../support/devstore-process.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { causedBy, createNode, type Node, openAccount, orderRequest, startSale } from './node.ts';

const redis = useRedisServer();
const LOCK_WAIT_MS = 20_000;
let devstore: Devstore;
let store: EventStore;
let nodes: readonly [Node, Node];

beforeAll(async () => {
  devstore = await startDevstore();
  store = openEventStore({ connectionString: devstore.url });
  nodes = [createNode(store, 1), createNode(store, 2)];
});

afterAll(async () => {
  await store?.close();
  await devstore?.close();
});

type Place = (node: Node, programId: ProgramId, buyer: UserId) => Promise<OrderAnswer>;

const modes: Readonly<Record<string, () => Place>> = {
  v1: () => {
    const locks = createLocks(redis.client, LOCK_WAIT_MS);
    // Without read models there is nothing to wait for: they are another test's.
    return ({ deps, freshSale }, programId, buyer) =>
      dispatchV1(
        { ...deps, locks, freshSale, untilReadable: async () => true },
        orderRequest(programId, buyer, 1, 'one'),
        causedBy(buyer),
      );
  },
  v2: () => {
    const locks = createLocks(redis.client, LOCK_WAIT_MS);
    const turns = new Map(nodes.map((node) => [node, createTurns()]));
    return (node, programId, buyer) =>
      dispatchV2(
        { ...node.deps, locks, turns: turns.get(node) ?? createTurns() },
        orderRequest(programId, buyer, 1, 'one'),
        causedBy(buyer),
      );
  },
};

async function stampede(place: Place, rows: number, count: number, during?: () => Promise<void>) {
  const programId = await startSale(nodes[0], `hall-${randomUUID()}`, rows, { perOrder: 4, perBuyer: 4 });
  const buyers = await Promise.all(Array.from({ length: count }, () => openAccount(nodes[0], randomUUID())));
  const [answers] = await Promise.all([
    Promise.all(buyers.map((buyer, index) => place(nodes[index % 2 === 0 ? 0 : 1], programId, buyer))),
    during?.(),
  ]);
  const placed: Extract<SaleEvent, { type: 'OrderPlaced' }>['data'][] = [];
  for await (const page of createStreamLog(store, saleCodec).read(saleStream(programId), 0n)) {
    for (const { event } of page) if (event.type === 'OrderPlaced') placed.push(event.data);
  }
  return { answers, placed };
}

describe.each(Object.entries(modes))('%s', (_mode, place) => {
  it('sells a hall out exactly from two nodes', async () => {
    const { answers, placed } = await stampede(place(), 2, 30);
    expect(new Set(placed.map(({ tickets }) => tickets[0]?.seat)).size).toBe(20);
    const acknowledged = answers.flatMap((answer) =>
      answer.kind === 'order_placed' ? [answer.orderNumber] : [],
    );
    expect(acknowledged.sort()).toEqual(placed.map(({ orderNumber }) => orderNumber).sort());
    expect(answers.filter((answer) => answer.kind === 'refused' && answer.code === 'sold_out')).toHaveLength(
      10,
    );
  });

  it('oversells nothing when Redis, and with it every lock, is gone in the middle', async () => {
    const { answers, placed } = await stampede(place(), 2, 30, async () => {
      await redis.stop();
      await redis.start();
    });
    expect(new Set(placed.map(({ tickets }) => tickets[0]?.seat)).size).toBe(20);
    expect(answers.filter(({ kind }) => kind === 'order_placed')).toHaveLength(20);
  });
});
