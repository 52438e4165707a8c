/** The seat map: settled with the counters, filled in parts, read in one piece with its revision. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSeats, type SeatStatus, seatStatus } from '../../src/gate/index.ts';
import { printedRandom } from '../support/random.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { fill, newProgram, testGate } from './support.ts';

const redis = useRedisServer();
const { seed } = printedRandom();
const allFree = (count: number) => packSeats(count, () => seatStatus.free);

describe('the seat map', () => {
  it('shows what the events say, from any seat on, whatever shares a byte with it', async () => {
    const status = fc.constantFrom<SeatStatus>(0, 1, 2, 3);
    const story = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      changes: fc.array(fc.record({ status, seats: fc.uniqueArray(fc.nat(39), { maxLength: 28 }) })),
      from: fc.nat(39),
      wanted: fc.integer({ min: 1, max: 40 }),
    });
    const property = fc.asyncProperty(story, async ({ count, changes, from, wanted }) => {
      const { gate } = testGate(redis.client);
      const programId = newProgram();
      const seats: SeatStatus[] = Array.from({ length: count }, () => seatStatus.free);
      await fill(gate, programId, { free: [count], seats: allFree(count) });
      const effects = changes.map(({ status: to, seats: some }, index) => {
        const numbers = some.filter((seat) => seat < count);
        for (const seat of numbers) seats[seat] = to;
        return { revision: BigInt(index + 1), seats: { status: to, numbers } };
      });
      if (effects.length > 0) await gate.settle(programId, effects);
      const first = from % count;
      const asked = Math.min(wanted, count - first);
      const expected = packSeats(asked, (seat) => seats[first + seat] ?? seatStatus.free);
      const read = await gate.readSeats(programId, first, asked);
      expect(read?.revision).toBe(BigInt(changes.length));
      expect([...(read?.bytes ?? [])]).toEqual([...expected]);
    });
    await fc.assert(property, { seed, numRuns: 150 });
  });

  it('of a hall larger than one part is filled whole, and is not there before it is', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    const count = 200_000;
    const statusOf = (seat: number): SeatStatus => (seat % 7 === 0 ? seatStatus.sold : seatStatus.free);
    const filling = fill(gate, programId, { free: [count], seats: packSeats(count, statusOf) });
    expect(await gate.readSeats(programId, 0, 4)).toBeUndefined();
    await filling;
    const some = await gate.readSeats(programId, 100_003, 1_000);
    const expected = packSeats(1_000, (seat) => statusOf(100_003 + seat));
    expect(Buffer.compare(some?.bytes ?? Buffer.of(), expected)).toBe(0);
  });

  it('is not there where Redis has none, or has no such seats', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    expect(await gate.readSeats(programId, 0, 10)).toBeUndefined();
    await fill(gate, programId, { free: [8], seats: allFree(8) });
    expect(await gate.readSeats(programId, 0, 8)).toBeDefined();
    expect(await gate.readSeats(programId, 8, 1)).toBeUndefined();
    expect(await gate.readSeats(programId, 0, 0)).toBeUndefined();
  });

  it('that Redis has evicted is asked for again, and never made up', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [8], seats: allFree(8) });
    await redis.client.del(`seatlog:gate:{${programId}}:seats`);
    const held = { revision: 1n, seats: { status: seatStatus.held, numbers: [5] } };
    expect(await gate.settle(programId, [held])).toEqual({ kind: 'empty' });
    expect(await gate.readSeats(programId, 0, 8)).toBeUndefined();
  });

  it('is forgotten with everything else of a program that is retired', async () => {
    const { gate } = testGate(redis.client);
    const programId = newProgram();
    await fill(gate, programId, { free: [8], seats: allFree(8) });
    expect(await gate.retire(programId, 60_000)).toBe(4);
    expect(await gate.readSeats(programId, 0, 8)).toBeDefined();
    await gate.retire(programId, 0);
    expect(await redis.client.keys(`*${programId}*`)).toEqual([]);
  });
});
