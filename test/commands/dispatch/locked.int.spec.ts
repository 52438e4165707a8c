/** v1 and v2 on a real log and a real Redis: the locks coordinate, the log decides, also without the locks. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTurns, type Turns } from '../../../src/commands/dispatch/turns.ts';
import { dispatchV1 } from '../../../src/commands/dispatch/v1.ts';
import { dispatchV2 } from '../../../src/commands/dispatch/v2.ts';
import type { OrderAnswer } from '../../../src/commands/place-order.ts';
import type { ProgramId, UserId } from '../../../src/domain/shared/ids.ts';
import { createLocks } from '../../../src/locks.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import {
  causedBy,
  type Node,
  newBuyers,
  orderRequest,
  placedOrdersOf,
  startSale,
  useTwoNodes,
} from './node.ts';

const redis = useRedisServer();
const LOCK_WAIT_MS = 20_000;
const two = useTwoNodes();

type Place = (node: Node, programId: ProgramId, buyer: UserId) => Promise<OrderAnswer>;

const modes: Readonly<Record<string, () => Place>> = {
  v1: () => {
    const locks = createLocks(redis.client, LOCK_WAIT_MS);
    const turns = turnsOfNodes();
    // Without read models there is nothing to wait for: they are another test's.
    return (node, programId, buyer) =>
      dispatchV1(
        {
          ...node.deps,
          locks,
          turns: turns(node),
          freshSale: node.freshSale,
          untilReadable: async () => true,
        },
        orderRequest(programId, buyer, 1, 'one'),
        causedBy(buyer),
      );
  },
  v2: () => {
    const locks = createLocks(redis.client, LOCK_WAIT_MS);
    const turns = turnsOfNodes();
    return (node, programId, buyer) =>
      dispatchV2(
        { ...node.deps, locks, turns: turns(node) },
        orderRequest(programId, buyer, 1, 'one'),
        causedBy(buyer),
      );
  },
};

/** Each node takes turns by itself. */
function turnsOfNodes(): (node: Node) => Turns {
  const turns = new Map(two.nodes.map((node) => [node, createTurns()]));
  return (node) => {
    const own = turns.get(node);
    if (own === undefined) throw new Error('There are two nodes.');
    return own;
  };
}

async function stampede(place: Place, rows: number, count: number, during?: () => Promise<void>) {
  const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, rows, { perOrder: 4, perBuyer: 4 });
  const buyers = await newBuyers(two.nodes[0], count);
  const [answers] = await Promise.all([
    Promise.all(buyers.map((buyer, index) => place(two.nodes[index % 2 === 0 ? 0 : 1], programId, buyer))),
    during?.(),
  ]);
  const placed = await placedOrdersOf(two.store, programId);
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
