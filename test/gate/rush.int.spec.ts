/** Many at once: what the gate gives out is the stock, to the last place, whatever order they come in. */
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { useRedisServer } from '../support/redis-server.ts';
import { believed, fill, newProgram, order, placed, testGate } from './support.ts';

const redis = useRedisServer();
const BUYERS = 200;

it.each([
  [1, 1],
  [16, 1],
  [16, 3],
])('two hundred buyers get exactly the stock out of %i buckets, %i places each', async (buckets, places) => {
  const clients = Array.from({ length: 8 }, () => new Redis(redis.url));
  try {
    const gates = clients.map((client) => testGate(client).gate);
    const [gate] = gates;
    if (gate === undefined) throw new Error('There is no gate.');
    const programId = newProgram();
    const stock = 100;
    await fill(gate, programId, { free: [stock], buckets });
    const orders = Array.from({ length: BUYERS }, (_none, number) =>
      order(programId, number, number, places),
    );
    const outcomes = await Promise.all(
      orders.map((one, number) => (gates[number % gates.length] ?? gate).reserve(one)),
    );
    const winners = orders.filter((_order, number) => outcomes[number]?.kind === 'reserved');
    expect(winners.length).toBe(Math.floor(stock / places));
    const left = stock - winners.length * places;
    const losers = outcomes.filter(({ kind }) => kind !== 'reserved');
    for (const loser of losers) expect(loser).toMatchObject({ kind: 'sold_out', left });
    await gate.settle(
      programId,
      winners.map((winner, index) => placed(BigInt(index + 1), winner)),
    );
    expect(await believed(gate, programId)).toEqual([[left, 0]]);
  } finally {
    for (const client of clients) client.disconnect();
  }
});

it('a hundred requests of one buyer reserve one order', async () => {
  const { gate } = testGate(redis.client);
  const programId = newProgram();
  await fill(gate, programId, { free: [100] });
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_none, number) => gate.reserve(order(programId, 1, number))),
  );
  expect(outcomes.filter(({ kind }) => kind === 'reserved').length).toBe(1);
  expect(await believed(gate, programId)).toEqual([[100, 1]]);
});
