/** What an order wants, at the gate: in the words of buyers, and never against what the log has for them. */
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../src/commands/place-order.ts';
import type { ProgramId } from '../../src/domain/shared/ids.ts';
import { createOrderGate, type Gate } from '../../src/gate/index.ts';
import { idOf, people, terms } from '../domain/sale/fixtures.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { believed, buyer, fill, newProgram, placed, request, TTL_MS, testGate } from './support.ts';

const redis = useRedisServer();
/** The stalls have the seats 0 to 13, of which one is blocked; behind them 3 may stand; then a box of two. */
const { layout } = terms({
  layout: [
    ...terms().layout,
    {
      kind: 'seated',
      id: 'box',
      priceMinor: 900,
      sections: [{ name: 'Box', rows: [{ rows: '1', seats: '1-2' }] }],
    },
  ],
});
const FREE = [13, 3, 2];

async function setUp() {
  const { gate, clock } = testGate(redis.client);
  const programId = newProgram();
  await fill(gate, programId, { free: FREE, limitPerBuyer: 4 });
  let asked = 0;
  const orderGate = createOrderGate(gate, {
    termsOf: async () => {
      asked += 1;
      return { layout };
    },
  });
  return { gate, clock, programId, orderGate, asked: () => asked };
}

const wants = (
  programId: ProgramId,
  from: number,
  name: string,
  want: OrderRequest['want'],
): OrderRequest => ({
  programId,
  buyer: buyer(from),
  requestId: request(name),
  ticketUsers: people(1).map(({ ticketUser }) => ticketUser),
  want,
});
const standing = (count: number) => ({ by: 'category', category: idOf.category('standing'), count }) as const;
const seats = (...numbers: number[]) => ({ by: 'seats', seats: numbers }) as const;
const pending = async (gate: Gate, programId: ProgramId) =>
  (await believed(gate, programId))?.map(([, reserved]) => reserved);

describe('an order at the gate', () => {
  it('sets aside places of the categories that it names, or whose seats it names', async () => {
    const { gate, programId, orderGate, asked } = await setUp();
    expect(await orderGate.pass(wants(programId, 1, 'a', standing(2)))).toMatchObject({ kind: 'passed' });
    expect(await orderGate.pass(wants(programId, 2, 'b', seats(13, 14, 0)))).toMatchObject({
      kind: 'passed',
    });
    expect(await pending(gate, programId)).toEqual([2, 2, 1]);
    const hold = { by: 'hold', holdToken: idOf.hold('hold-1') } as const;
    expect(await orderGate.pass(wants(programId, 3, 'c', hold))).toMatchObject({ kind: 'passed' });
    expect(await pending(gate, programId)).toEqual([2, 2, 1]);
    expect(asked()).toBe(1);
  });

  it('hears what is left, what its buyer may have, and that another one is under way', async () => {
    const { programId, orderGate } = await setUp();
    const refused = (code: string) => ({ kind: 'refused', code });
    expect(await orderGate.pass(wants(programId, 1, 'a', standing(4)))).toEqual({
      ...{ ...refused('sold_out'), left: 3 },
    });
    const five = wants(programId, 1, 'a', seats(0, 1, 2, 3, 4));
    expect(await orderGate.pass(five)).toEqual(refused('limit_per_buyer'));
    await orderGate.pass(wants(programId, 1, 'a', standing(1)));
    const another = wants(programId, 1, 'b', standing(1));
    expect(await orderGate.pass(another)).toEqual(refused('duplicate_submission'));
  });

  it('passes where the hall has no such thing, or nobody knows the hall: the sale words it better', async () => {
    const { gate, programId, orderGate } = await setUp();
    const unknown = { by: 'category', category: idOf.category('roof'), count: 1 } as const;
    for (const want of [unknown, seats(16), seats(-1)]) {
      expect(await orderGate.pass(wants(programId, 1, 'a', want))).toMatchObject({ kind: 'passed' });
    }
    for (const termsOf of [async () => undefined, () => Promise.reject(new Error('The log is away.'))]) {
      const blind = createOrderGate(gate, { termsOf });
      expect(await blind.pass(wants(programId, 1, 'a', standing(9)))).toMatchObject({ kind: 'passed' });
    }
    expect(await pending(gate, programId)).toEqual([0, 0, 0]);
  });

  it('gives back what was set aside for it, but not what an earlier copy of it has', async () => {
    const { gate, programId, orderGate } = await setUp();
    const order = wants(programId, 1, 'a', standing(2));
    const first = await orderGate.pass(order);
    const copy = await orderGate.pass(order);
    if (first.kind === 'refused' || copy.kind === 'refused') throw new Error('Both pass.');
    await copy.giveBack();
    expect(await pending(gate, programId)).toEqual([0, 2, 0]);
    await first.giveBack();
    expect(await pending(gate, programId)).toEqual([0, 0, 0]);
  });

  it('that is placed lets its buyer order again, and is known when it comes again, sold out or not', async () => {
    const { clock, programId, orderGate } = await setUp();
    const order = wants(programId, 1, 'a', standing(3));
    const passage = await orderGate.pass(order);
    if (passage.kind === 'refused') throw new Error('It passes.');
    await passage.confirm('placed');
    expect(await orderGate.pass(wants(programId, 1, 'b', seats(0)))).toMatchObject({ kind: 'passed' });
    // The projector is long in coming; others take what the gate believes to be free.
    clock.nowMs += TTL_MS;
    expect(await orderGate.pass(wants(programId, 2, 'c', standing(3)))).toMatchObject({ kind: 'passed' });
    expect(await orderGate.pass(order)).toMatchObject({ kind: 'passed' });
    expect(await orderGate.pass(wants(programId, 3, 'd', standing(1)))).toMatchObject({ code: 'sold_out' });
  });

  it('that is queued keeps what was set aside, and its buyer has it under way', async () => {
    const { gate, programId, orderGate } = await setUp();
    const passage = await orderGate.pass(wants(programId, 1, 'a', standing(3)));
    if (passage.kind === 'refused') throw new Error('It passes.');
    await passage.confirm('queued');
    const another = await orderGate.pass(wants(programId, 1, 'b', seats(0)));
    expect(another).toMatchObject({ code: 'duplicate_submission' });
    expect(await pending(gate, programId)).toEqual([0, 3, 0]);
  });

  it('that passed an empty gate is known to the full one', async () => {
    const { gate, programId, orderGate } = await setUp();
    await redis.client.flushall();
    const order = wants(programId, 1, 'a', standing(3));
    const passage = await orderGate.pass(order);
    if (passage.kind === 'refused') throw new Error('It passes.');
    await passage.confirm('queued');
    // As of a moment before the order: the projector has not seen it.
    await fill(gate, programId, { free: [13, 0, 2] });
    expect(await orderGate.pass(order)).toMatchObject({ kind: 'passed' });
    const { buyer: by, requestId } = order;
    const takes = [{ category: 1, places: 3 }];
    await gate.settle(programId, [placed(1n, { buyer: by, requestId, takes })]);
    expect(await orderGate.pass(order)).toMatchObject({ kind: 'passed' });
    expect(await orderGate.pass(wants(programId, 2, 'b', standing(1)))).toMatchObject({ code: 'sold_out' });
  });
});
