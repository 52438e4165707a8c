/** v3 on a real log: a stampede from two nodes at once, requests that come twice, a server that dies meanwhile. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dispatchV3 } from '../../../src/commands/dispatch/v3.ts';
import type { ProgramId, UserId } from '../../../src/domain/shared/ids.ts';
import {
  causedBy,
  type Node,
  newBuyers,
  orderRequest,
  personOf,
  placedOrdersOf,
  startSale,
  useTwoNodes,
} from './node.ts';

const two = useTwoNodes();

const order = (
  node: Node,
  programId: ProgramId,
  buyer: UserId,
  count: number,
  key: string,
): ReturnType<typeof dispatchV3> =>
  dispatchV3(node.deps, orderRequest(programId, buyer, count, key), causedBy(`${buyer} ${key}`));

const ordersIn = (programId: ProgramId) => placedOrdersOf(two.store, programId);

describe('v3', () => {
  it('sells a hall out exactly to a stampede at two nodes, and everything acknowledged is in the log', async () => {
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 10, { perOrder: 4, perBuyer: 4 });
    const buyers = await newBuyers(two.nodes[0], 150);
    const answers = await Promise.all(
      buyers.map((buyer, index) =>
        order(two.nodes[index % 2 === 0 ? 0 : 1], programId, buyer, (index % 2) + 1, 'one'),
      ),
    );
    // Whoever wanted two may have met a last lone seat: the rest is for parties of one.
    const late = await newBuyers(two.nodes[1], 5);
    for (const [index, buyer] of late.entries()) {
      answers.push(await order(two.nodes[index % 2 === 0 ? 0 : 1], programId, buyer, 1, 'one'));
    }
    const orders = await ordersIn(programId);
    const seats = orders.flatMap(({ tickets }) => tickets.map(({ seat }) => seat));
    expect(seats).toHaveLength(100);
    expect(new Set(seats).size).toBe(100);
    const acknowledged = answers.flatMap((answer) =>
      answer.kind === 'order_placed' ? [answer.orderNumber] : [],
    );
    expect(new Set(acknowledged)).toEqual(new Set(orders.map(({ orderNumber }) => orderNumber)));
    expect(answers.at(-1)).toMatchObject({ kind: 'refused', code: 'sold_out' });
  });

  it('gives one request one order, however often and wherever it comes', async () => {
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 2, { perOrder: 4, perBuyer: 8 });
    const [buyer] = await newBuyers(two.nodes[0], 1);
    if (buyer === undefined) throw new Error('There is a buyer.');
    const answers = await Promise.all(
      [0, 1, 0, 1, 0, 1].map((node) => order(two.nodes[node === 0 ? 0 : 1], programId, buyer, 2, 'the same')),
    );
    const numbers = answers.map((answer) =>
      answer.kind === 'order_placed' ? answer.orderNumber : answer.code,
    );
    expect(new Set(numbers).size).toBe(1);
    expect(await ordersIn(programId)).toHaveLength(1);
  });

  it('refuses people who are not the buyer’s, and orders that do not fit themselves', async () => {
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 2, { perOrder: 4, perBuyer: 4 });
    const [ann, ben] = await newBuyers(two.nodes[0], 2);
    if (ann === undefined || ben === undefined) throw new Error('There are two buyers.');
    const request = orderRequest(programId, ann, 2, 'one');
    const place = (change: object) => dispatchV3(two.nodes[1].deps, { ...request, ...change }, causedBy('x'));
    const refusal = (code: string) => ({ kind: 'refused', code });
    expect(await place({ ticketUsers: [personOf(ann, 0), personOf(ben, 0)] })).toEqual(
      refusal('unknown_ticket_user'),
    );
    expect(await place({ ticketUsers: [personOf(ann, 0), personOf(ann, 0)] })).toEqual(
      refusal('ticket_user_repeated'),
    );
    expect(await place({ ticketUsers: [personOf(ann, 0)] })).toEqual(refusal('ticket_count_mismatch'));
    expect(await place({ want: { by: 'seats', seats: [3, 3] } })).toEqual(refusal('seat_repeated'));
    expect(await ordersIn(programId)).toHaveLength(0);
  });

  it('loses and doubles nothing when the event store is killed in the middle', async () => {
    const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, 20, { perOrder: 4, perBuyer: 4 });
    const buyers = await newBuyers(two.nodes[0], 120);
    const buy = (buyer: UserId, index: number) =>
      order(two.nodes[index % 2 === 0 ? 0 : 1], programId, buyer, 1, 'one');
    const first = Promise.allSettled(buyers.map(buy));
    await two.devstore.kill('SIGKILL');
    await two.devstore.restart();
    const answers = await first;
    // As their clients would: the same request again, until there is an answer.
    const repeated = await Promise.all(buyers.map(buy));
    const orders = await ordersIn(programId);
    const numbers = new Set(orders.map(({ orderNumber }) => orderNumber));
    expect(orders).toHaveLength(120);
    expect(new Set(orders.flatMap(({ tickets }) => tickets.map(({ seat }) => seat))).size).toBe(120);
    for (const answer of answers) {
      if (answer.status === 'fulfilled' && answer.value.kind === 'order_placed') {
        expect(numbers.has(answer.value.orderNumber)).toBe(true);
      }
    }
    expect(
      repeated.every((answer) => answer.kind === 'order_placed' && numbers.has(answer.orderNumber)),
    ).toBe(true);
  });
});
