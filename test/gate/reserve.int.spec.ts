/** What a buyer may hear from the gate, one outcome after the other. */
import { describe, expect, it } from 'vitest';
import { useRedisServer } from '../support/redis-server.ts';
import { believed, fill, newProgram, order, placed, START_MS, TTL_MS, testGate } from './support.ts';

const redis = useRedisServer();
const BUCKETS = [1, 3, 16];

describe('an order at the gate', () => {
  it('is let through where Redis has no counters of the program', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    expect(await gate.reserve(order(programId, 1, 'a'))).toEqual({ kind: 'open', reason: 'empty' });
    expect(await redis.client.keys(`*${programId}*`)).toEqual([]);
  });

  it.each(BUCKETS)('reserves places until none are left, in %i buckets', async (buckets) => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [7, 2], buckets });
    const deadlineMs = START_MS + TTL_MS;
    const reserved = { kind: 'reserved', deadlineMs, again: false };
    expect(await gate.reserve(order(programId, 1, 'a', 4))).toEqual(reserved);
    expect(await gate.reserve(order(programId, 2, 'b', 4))).toEqual({
      kind: 'sold_out',
      category: 0,
      left: 3,
    });
    expect(await gate.reserve(order(programId, 2, 'c', 3))).toEqual(reserved);
    expect(await gate.reserve(order(programId, 3, 'd', 1))).toEqual({
      kind: 'sold_out',
      category: 0,
      left: 0,
    });
    expect(await gate.reserve(order(programId, 3, 'e', 2, 1))).toEqual(reserved);
    expect(await believed(gate, programId)).toEqual([
      [7, 7],
      [2, 2],
    ]);
  });

  it('takes places of several categories, or of none', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [2, 1], buckets: 2 });
    const both = { ...order(programId, 1, 'a'), takes: [place(0), place(1), place(1)] };
    expect(await gate.reserve(both)).toEqual({ kind: 'sold_out', category: 1, left: 1 });
    expect(await believed(gate, programId)).toEqual([
      [2, 0],
      [1, 0],
    ]);
    expect(await gate.reserve({ ...both, takes: [place(0), place(1)] })).toMatchObject({ kind: 'reserved' });
    const none = { ...order(programId, 2, 'b'), takes: [] };
    expect(await gate.reserve(none)).toMatchObject({ kind: 'reserved' });
    expect(await gate.reserve({ ...none, ...order(programId, 2, 'c') })).toMatchObject({
      kind: 'duplicate_submission',
    });
    expect(await gate.release(none)).toBe('released');
    expect(await believed(gate, programId)).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });

  it('is answered with its reservation again when it is sent again', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [3] });
    const first = await gate.reserve(order(programId, 1, 'a', 2));
    clock.nowMs += 100;
    expect(await gate.reserve(order(programId, 1, 'a', 2))).toEqual({ ...first, again: true });
    expect(await believed(gate, programId)).toEqual([[3, 2]]);
  });

  it('is a duplicate while the buyer has another one under way', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [9] });
    await gate.reserve(order(programId, 1, 'a'));
    expect(await gate.reserve(order(programId, 1, 'b'))).toEqual({ kind: 'duplicate_submission' });
    expect(await gate.reserve(order(programId, 2, 'c'))).toMatchObject({ kind: 'reserved' });
    await gate.release(order(programId, 1, 'a'));
    expect(await gate.reserve(order(programId, 1, 'b'))).toMatchObject({ kind: 'reserved' });
  });

  it('is no duplicate of one that is confirmed, and still counts what that one took', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [9], limitPerBuyer: 4 });
    await gate.reserve(order(programId, 1, 'a', 3));
    expect(await gate.confirm(order(programId, 1, 'a'))).toBe('confirmed');
    expect(await gate.confirm(order(programId, 1, 'a'))).toBe('unknown');
    const tooMany = { kind: 'limit_per_buyer', limit: 4, has: 3 };
    expect(await gate.reserve(order(programId, 1, 'b', 2))).toEqual(tooMany);
    expect(await gate.reserve(order(programId, 1, 'b', 1))).toMatchObject({ kind: 'reserved' });
    expect(await believed(gate, programId)).toEqual([[9, 4]]);
  });

  it('counts what the log gave the buyer before', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [9] });
    await gate.reserve(order(programId, 1, 'a', 3));
    await gate.settle(programId, [placed(1n, order(programId, 1, 'a', 3))]);
    const tooMany = { kind: 'limit_per_buyer', limit: 4, has: 3 };
    expect(await gate.reserve(order(programId, 1, 'b', 2))).toEqual(tooMany);
  });

  it('that became an order is let through again, to the answer that the log has for it', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [4] });
    await gate.reserve(order(programId, 1, 'a', 4));
    await gate.settle(programId, [placed(1n, order(programId, 1, 'a', 4))]);
    expect(await gate.reserve(order(programId, 1, 'a', 4))).toEqual({ kind: 'open', reason: 'repeated' });
  });

  it('is let through where the projector has not seen enough of the sale', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [0], revision: 5n });
    const late = { ...order(programId, 1, 'a'), leastRevision: 6n };
    expect(await gate.reserve(late)).toEqual({ kind: 'open', reason: 'behind' });
    expect(await gate.reserve({ ...late, leastRevision: 5n })).toMatchObject({ kind: 'sold_out' });
  });

  it('of a category without counters is let through', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [1] });
    const outcome = await gate.reserve(order(programId, 1, 'a', 1, 7));
    expect(outcome).toEqual({ kind: 'open', reason: 'unknown_category' });
  });
});

const place = (category: number) => ({ category, places: 1 });

describe('a reservation', () => {
  it('ends at its deadline, without a sweep', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [2] });
    await gate.reserve(order(programId, 1, 'a', 2));
    clock.nowMs += TTL_MS - 1;
    expect(await gate.reserve(order(programId, 2, 'b'))).toMatchObject({ kind: 'sold_out' });
    clock.nowMs += 1;
    expect(await gate.reserve(order(programId, 2, 'b'))).toMatchObject({ kind: 'reserved' });
    expect(await believed(gate, programId)).toEqual([[2, 1]]);
  });

  it('that is over stands in no way, even behind more of them than one call ends', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [100] });
    for (let number = 0; number < 20; number += 1) await gate.reserve(order(programId, number, number));
    clock.nowMs += 1;
    await gate.reserve(order(programId, 20, 20));
    await gate.reserve(order(programId, 21, 21));
    clock.nowMs += TTL_MS;
    const deadlineMs = clock.nowMs + TTL_MS;
    const fresh = { kind: 'reserved', deadlineMs, again: false };
    expect(await gate.reserve(order(programId, 20, 'new'))).toEqual(fresh);
    expect(await gate.reserve(order(programId, 21, 'another'))).toEqual(fresh);
    expect(await believed(gate, programId)).toEqual([[100, 6]]);
  });

  it('that ended without an answer lets its request through: the log may have the order', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [2] });
    await gate.reserve(order(programId, 1, 'a', 2));
    clock.nowMs += TTL_MS;
    expect(await gate.reserve(order(programId, 2, 'b', 2))).toMatchObject({ kind: 'reserved' });
    expect(await gate.reserve(order(programId, 1, 'a', 2))).toEqual({ kind: 'open', reason: 'repeated' });
    expect(await gate.reserve(order(programId, 3, 'c', 1))).toMatchObject({ kind: 'sold_out' });
  });

  it('is known to be an order once it is confirmed, even when it ends before its event is seen', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [2] });
    await gate.reserve(order(programId, 1, 'a', 2));
    await gate.confirm(order(programId, 1, 'a'));
    await gate.release(order(programId, 1, 'a'));
    clock.nowMs += TTL_MS;
    await gate.reserve(order(programId, 2, 'b', 2));
    await fill(gate, programId, { free: [0], revision: 1n });
    expect(await gate.reserve(order(programId, 1, 'a', 2))).toEqual({ kind: 'open', reason: 'repeated' });
  });

  it('is released once', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [2] });
    await gate.reserve(order(programId, 1, 'a', 2));
    expect(await gate.release(order(programId, 1, 'a'))).toBe('released');
    expect(await gate.release(order(programId, 1, 'a'))).toBe('unknown');
    expect(await believed(gate, programId)).toEqual([[2, 0]]);
    expect(await redis.client.exists(`seatlog:gate:{${programId}}:pending`)).toBe(0);
    expect(await redis.client.exists(`seatlog:gate:{${programId}}:deadlines`)).toBe(0);
  });

  it('is swept with at most so many others, oldest first', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [50], buckets: 4 });
    for (let number = 0; number < 25; number += 1) await gate.reserve(order(programId, number, number, 2));
    clock.nowMs += TTL_MS;
    const swept = [];
    for (let round = 0; round < 4; round += 1) swept.push(await gate.sweep(programId, 10));
    expect(swept.map(({ ended }) => ended)).toEqual([10, 10, 5, 0]);
    expect(await believed(gate, programId)).toEqual([[50, 0]]);
  });

  it.each(['buyers', 'requests'])('is refused to nobody when Redis has evicted the %s', async (key) => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [0] });
    expect(await gate.reserve(order(programId, 1, 'a'))).toMatchObject({ kind: 'sold_out' });
    await redis.client.del(`seatlog:gate:{${programId}}:${key}`);
    expect(await gate.reserve(order(programId, 1, 'a'))).toEqual({ kind: 'open', reason: 'empty' });
    expect(await gate.settle(programId, [{ revision: 1n }])).toEqual({ kind: 'empty' });
    expect(await gate.counters(programId)).toBeUndefined();
  });

  it('leaves no place behind when Redis evicts one of its keys', async () => {
    const { gate, clock } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [2] });
    await gate.reserve(order(programId, 1, 'a', 2));
    await redis.client.del(`seatlog:gate:{${programId}}:deadlines`);
    clock.nowMs += TTL_MS;
    await gate.sweep(programId, 10);
    expect(await believed(gate, programId)).toEqual([[2, 0]]);
  });
});
