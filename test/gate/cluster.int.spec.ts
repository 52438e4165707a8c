/** Redis Cluster: all keys of a call are in one slot, by our own arithmetic and by a cluster's own word. */
import { Cluster } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { keyOfBuyer } from '../../src/domain/sale/keys.ts';
import { packSeats, seatStatus } from '../../src/gate/index.ts';
import { gateKeys } from '../../src/gate/keys.ts';
import type { ScriptClient } from '../../src/gate/registry.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { believed, buyer, cancelled, fill, newProgram, order, placed, testGate } from './support.ts';

const redis = useRedisServer({ cluster: true });
const SLOTS = 16_384;

/**
 * Redis watches every key of a script that begins so; without it, it lets a script reach into other slots.
 */
const WATCHED = '#!lua\n';
const strict: ScriptClient = {
  evalsha: () => Promise.reject(new Error('NOSCRIPT')),
  eval: (source: string | Buffer, ...rest: unknown[]) =>
    redis.client.call('EVAL', `${WATCHED}${source}`, ...rest.map(asArgument)),
  callBuffer: (command: string, ...rest: unknown[]) => {
    if (command === 'evalsha') return Promise.reject(new Error('NOSCRIPT'));
    const [source, ...others] = rest;
    return redis.client.callBuffer('EVAL', `${WATCHED}${source}`, ...others.map(asArgument));
  },
};

const asArgument = (argument: unknown): string | Buffer =>
  Buffer.isBuffer(argument) ? argument : String(argument);

/** CRC-16/XMODEM of the hash tag, as the cluster specification has it. */
function slotOf(key: string): number {
  const [, tag] = /\{([^}]+)\}/.exec(key) ?? [];
  let crc = 0;
  for (const byte of Buffer.from(tag ?? key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}

describe('the keys of a program', () => {
  it('hash to one slot, and those of another program to another', async () => {
    expect(slotOf('123456789')).toBe(0x31c3 % SLOTS);
    const slots = new Set<number>();
    for (let number = 0; number < 50; number += 1) {
      const keys = Object.values(gateKeys(newProgram()));
      expect(new Set(keys.map(slotOf)).size).toBe(1);
      for (const key of keys) expect(await redis.client.cluster('KEYSLOT', key)).toBe(slotOf(key));
      slots.add(slotOf(keys[0] ?? ''));
    }
    expect(slots.size).toBeGreaterThan(40);
  });
});

describe('on a cluster', () => {
  it('keys of two slots in one script are refused, so that the next test means something', async () => {
    await expect(redis.client.eval('return 1', 2, 'a', 'b')).rejects.toThrow(/CROSSSLOT/);
    const undeclared = strict.eval("return redis.call('GET', 'a')", 1, 'b');
    await expect(undeclared).rejects.toThrow(/do not hash to the same slot/);
  });

  it('the cluster client finds the node of a program', async () => {
    const cluster = new Cluster([redis.url]);
    try {
      const { gate, troubles } = testGate(cluster);
      const programs = Array.from({ length: 20 }, () => newProgram());
      for (const programId of programs) {
        await fill(gate, programId, { free: [1] });
        expect(await gate.reserve(order(programId, 1, 'a'))).toMatchObject({ kind: 'reserved' });
        expect(await gate.reserve(order(programId, 2, 'b'))).toMatchObject({ kind: 'sold_out' });
      }
      expect(troubles).toEqual([]);
    } finally {
      cluster.disconnect();
    }
  });

  it('every script runs', async () => {
    const { gate, clock, troubles } = testGate(strict);
    const programId = newProgram();
    const buyers = Array.from({ length: 600 }, (_none, index) => ({
      buyer: keyOfBuyer(buyer(index)),
      places: 1,
    }));
    const seats = packSeats(20, () => seatStatus.free);
    await fill(gate, programId, { free: [20, 5], buckets: 4, buyers, seats });
    expect(await gate.reserve(order(programId, 1, 'a', 2))).toMatchObject({ kind: 'reserved' });
    expect(await gate.confirm(order(programId, 1, 'a'))).toBe('confirmed');
    expect(await gate.reserve(order(programId, 2, 'b', 3))).toMatchObject({ kind: 'reserved' });
    expect(await gate.release(order(programId, 2, 'b'))).toBe('released');
    const orders = [placed(1n, order(programId, 1, 'a', 2)), cancelled(2n, order(programId, 1, 'a', 2))];
    expect(await gate.settle(programId, orders)).toMatchObject({ applied: 2 });
    expect(await gate.readSeats(programId, 0, 20)).toEqual({ revision: 2n, bytes: seats });
    expect(await gate.reserve(order(programId, 3, 'c', 3))).toMatchObject({ kind: 'reserved' });
    clock.nowMs += 100_000_000;
    expect(await gate.sweep(programId, 5)).toEqual({ ended: 1, forgotten: 1 });
    expect(await believed(gate, programId)).toEqual([
      [20, 0],
      [5, 0],
    ]);
    expect(await gate.retire(programId, 0)).toBeGreaterThan(0);
    expect(await gate.counters(programId)).toBeUndefined();
    expect(troubles).toEqual([]);
  });
});
