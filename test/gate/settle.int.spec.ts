/**
 * The projector's side: events move stock, buyers, reservations and the checkpoint together, exactly once.
 */
import { describe, expect, it } from 'vitest';
import { keyOfBuyer } from '../../src/domain/sale/keys.ts';
import { useRedisServer } from '../support/redis-server.ts';
import {
  believed,
  buyer,
  cancelled,
  fill,
  newProgram,
  order,
  placed,
  START_MS,
  testGate,
} from './support.ts';

const redis = useRedisServer();
/** A refill leaves one in what it has filled. */
const MARK = 1;
const HOUR_MS = 3_600_000;

describe('settling an event', () => {
  it('turns the reservation into what the log says, and moves the checkpoint', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5], buckets: 3 });
    await gate.reserve(order(programId, 1, 'a', 3));
    const settled = await gate.settle(programId, [placed(1n, order(programId, 1, 'a', 3))]);
    expect(settled).toEqual({ kind: 'settled', revision: 1n, applied: 1 });
    expect(await believed(gate, programId)).toEqual([[2, 0]]);
  });

  it('changes nothing the second time', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5] });
    const effects = [
      placed(1n, order(programId, 1, 'a', 3)),
      cancelled(2n, order(programId, 1, 'a', 3)),
      placed(3n, order(programId, 2, 'b', 1)),
    ];
    await gate.settle(programId, effects.slice(0, 2));
    expect(await gate.settle(programId, effects)).toEqual({ kind: 'settled', revision: 3n, applied: 1 });
    expect(await gate.settle(programId, effects)).toEqual({ kind: 'settled', revision: 3n, applied: 0 });
    expect(await believed(gate, programId)).toEqual([[4, 0]]);
  });

  it('stops at a gap, so that a Redis that lost its last second is noticed', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5] });
    const one = placed(1n, order(programId, 1, 'a', 1));
    const three = placed(3n, order(programId, 3, 'c', 1));
    expect(await gate.settle(programId, [one, three])).toEqual({ kind: 'behind', revision: 1n, applied: 1 });
    expect(await gate.settle(programId, [three])).toEqual({ kind: 'behind', revision: 1n, applied: 0 });
    expect(await believed(gate, programId)).toEqual([[4, 0]]);
  });

  it('asks for a refill where there are no counters', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    expect(await gate.settle(programId, [{ revision: 0n }])).toEqual({ kind: 'empty' });
    expect(await redis.client.keys(`*${programId}*`)).toEqual([]);
  });

  it('takes an order that came past the gate from what is free, wherever that is', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [8], buckets: 4 });
    await gate.reserve(order(programId, 1, 'a', 3));
    await gate.settle(programId, [placed(1n, order(programId, 2, 'b', 4))]);
    expect(await believed(gate, programId)).toEqual([[4, 3]]);
    const tooMany = await gate.reserve(order(programId, 3, 'c', 2));
    expect(tooMany).toEqual({ kind: 'sold_out', category: 0, left: 1 });
    expect(await gate.reserve(order(programId, 3, 'c', 1))).toMatchObject({ kind: 'reserved' });
  });

  it('owes what an order past the gate took from reserved places, and offers none meanwhile', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [4], buckets: 4 });
    await gate.reserve(order(programId, 1, 'a', 3));
    await gate.settle(programId, [placed(1n, order(programId, 2, 'b', 4))]);
    expect(await believed(gate, programId)).toEqual([[0, 3]]);
    await gate.settle(programId, [cancelled(2n, order(programId, 2, 'b', 2))]);
    const left = { kind: 'sold_out', category: 0, left: 0 };
    expect(await gate.reserve(order(programId, 3, 'c', 1))).toEqual(left);
    await gate.release(order(programId, 1, 'a'));
    expect(await gate.reserve(order(programId, 3, 'c', 2))).toMatchObject({ kind: 'reserved' });
    expect(await gate.reserve(order(programId, 4, 'd', 1))).toEqual(left);
  });

  it('gives a buyer back what a cancelled order counted', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [9], limitPerBuyer: 2 });
    await gate.settle(programId, [placed(1n, order(programId, 1, 'a', 2))]);
    expect(await gate.reserve(order(programId, 1, 'b'))).toMatchObject({ kind: 'limit_per_buyer' });
    await gate.settle(programId, [cancelled(2n, order(programId, 1, 'a', 2))]);
    expect(await gate.reserve(order(programId, 1, 'b'))).toMatchObject({ kind: 'reserved' });
    expect(await redis.client.hlen(`seatlog:gate:{${programId}}:buyers`)).toBe(MARK);
  });

  it('applies more events than one call of Redis takes', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [500] });
    const effects = Array.from({ length: 450 }, (_none, index) =>
      placed(BigInt(index + 1), order(programId, index, index)),
    );
    expect(await gate.settle(programId, effects)).toEqual({ kind: 'settled', revision: 450n, applied: 450 });
    expect(await believed(gate, programId)).toEqual([[50, 0]]);
  });

  it('applies nothing of a list that names an unknown category', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5] });
    const effects = [placed(1n, order(programId, 1, 'a')), placed(2n, order(programId, 2, 'b', 1, 3))];
    await expect(gate.settle(programId, effects)).rejects.toThrow(/no counters of category 3/);
    expect(await believed(gate, programId)).toEqual([[5, 0]]);
  });

  it('forgets an answered request after its time', async () => {
    const { gate, clock } = testGate(redis.client, { requestMemoryMs: HOUR_MS });
    const programId = newProgram();
    await fill(gate, programId, { free: [5] });
    await gate.settle(programId, [placed(1n, order(programId, 1, 'a'))]);
    clock.nowMs = START_MS + HOUR_MS - 1;
    expect(await gate.sweep(programId, 10)).toEqual({ ended: 0, forgotten: 0 });
    clock.nowMs += 1;
    expect(await gate.sweep(programId, 10)).toEqual({ ended: 0, forgotten: 1 });
    expect(await gate.sweep(programId, 10)).toEqual({ ended: 0, forgotten: 0 });
    expect(await gate.reserve(order(programId, 1, 'a'))).toMatchObject({ kind: 'reserved' });
  });
});

describe('a refill', () => {
  it('sets the counters from the log, and keeps reservations whose orders may be on their way', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5, 9], buckets: 2 });
    await gate.reserve(order(programId, 1, 'a', 2));
    const refilled = await fill(gate, programId, { free: [4, 7], revision: 8n, buckets: 3 });
    expect(refilled).toEqual({ kind: 'refilled', revision: 8n });
    expect(await believed(gate, programId)).toEqual([
      [4, 2],
      [7, 0],
    ]);
  });

  it('ends the reservations of requests that the log has answered', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5] });
    await gate.reserve(order(programId, 1, 'a', 2));
    const { request = { hi: 0, lo: 0 } } = placed(1n, order(programId, 1, 'a', 2));
    await fill(gate, programId, { free: [3], revision: 1n, requests: [request] });
    expect(await believed(gate, programId)).toEqual([[3, 0]]);
    expect(await gate.reserve(order(programId, 1, 'a', 2))).toEqual({ kind: 'open', reason: 'repeated' });
  });

  it('refuses to go backwards, and may be repeated', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [5], revision: 7n });
    expect(await fill(gate, programId, { free: [9], revision: 6n })).toEqual({ kind: 'newer', revision: 7n });
    expect(await believed(gate, programId)).toEqual([[5, 0]]);
    expect(await fill(gate, programId, { free: [4], revision: 7n })).toMatchObject({ kind: 'refilled' });
    expect(await believed(gate, programId)).toEqual([[4, 0]]);
  });

  it('of many buyers goes in parts, and knows every one of them afterwards', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    const buyers = Array.from({ length: 2_300 }, (_none, index) => ({
      buyer: keyOfBuyer(buyer(index)),
      places: 1 + (index % 4),
    }));
    await fill(gate, programId, { free: [5], revision: 3n, buyers });
    expect(await redis.client.hlen(`seatlog:gate:{${programId}}:buyers`)).toBe(2_300 + MARK);
    expect(await gate.reserve(order(programId, 2_299, 'a'))).toEqual({
      kind: 'limit_per_buyer',
      limit: 4,
      has: 4,
    });
  });

  it('leaves the gate open until its last part, and gives way to one that began later', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    const many = Array.from({ length: 1_200 }, (_none, index) => ({
      buyer: keyOfBuyer(buyer(index)),
      places: 1,
    }));
    const first = fill(gate, programId, { free: [5], revision: 3n, buyers: many });
    const during = gate.reserve(order(programId, 1, 'a'));
    const second = fill(gate, programId, { free: [4], revision: 4n, buyers: many });
    expect(await during).toEqual({ kind: 'open', reason: 'empty' });
    expect(await first).toEqual({ kind: 'superseded' });
    expect(await second).toEqual({ kind: 'refilled', revision: 4n });
    expect(await believed(gate, programId)).toEqual([[4, 0]]);
  });

  it.each(['buyers', 'requests', 'seats'])(
    'begins again where what it filled of the %s was lost meanwhile',
    async (key) => {
      const { gate } = testGate(redis.client);
      const programId = newProgram();
      const buyers = Array.from({ length: 1_200 }, (_none, index) => ({
        buyer: keyOfBuyer(buyer(index)),
        places: 1,
      }));
      const many = {
        free: [5],
        revision: 3n,
        ...(key === 'seats' ? { seats: new Uint8Array(40_000) } : { buyers }),
      };
      const filling = fill(gate, programId, many);
      // Behind the first part, before the second.
      await redis.client.del(`seatlog:gate:{${programId}}:${key}`);
      expect(await filling).toEqual({ kind: 'superseded' });
      expect(await gate.reserve(order(programId, 1, 'a'))).toEqual({ kind: 'open', reason: 'empty' });
      expect(await fill(gate, programId, many)).toEqual({ kind: 'refilled', revision: 3n });
      expect(await believed(gate, programId)).toEqual([[5, 0]]);
    },
  );

  it('is refused with a number of buckets that no category can have', async () => {
    const { gate } = testGate(redis.client);
    const refilling = fill(gate, newProgram(), { free: [5], buckets: 65 });
    await expect(refilling).rejects.toThrow(/1 to 64 buckets/);
  });
});
