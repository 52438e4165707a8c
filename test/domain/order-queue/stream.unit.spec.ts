/** Lanes: where a program's queued orders are, for every process and for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES, laneOf, laneOfStream, laneStream } from '../../../src/domain/order-queue/index.ts';
import { MAX_LANES } from '../../../src/domain/sale/index.ts';
import { programIdSchema } from '../../../src/domain/shared/ids.ts';

describe('the lanes of the order queue', () => {
  it('are as few as a sale can tell apart', () => {
    expect(LANES).toBeLessThanOrEqual(MAX_LANES);
  });

  it('have names that lead back to them, and none begins like another', () => {
    const names = Array.from({ length: LANES }, (_, lane) => laneStream(lane));
    expect(names.map(laneOfStream)).toEqual(Array.from({ length: LANES }, (_, lane) => lane));
    expect(names.filter((name) => names.some((other) => other !== name && other.startsWith(name)))).toEqual(
      [],
    );
    expect(laneOfStream('Sale-001')).toBeUndefined();
    expect(laneOfStream('OrderQueue-1')).toBeUndefined();
  });

  it('never change for a program', () => {
    const known = { 'swan-lake': 8, 'p-1': 5, 'p-2': 12 };
    for (const [program, lane] of Object.entries(known)) {
      expect(laneOf(programIdSchema.parse(program))).toBe(lane);
    }
  });

  it('share programs out evenly', () => {
    const perLane = new Array<number>(LANES).fill(0);
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const lane = laneOf(programIdSchema.parse(id));
        perLane[lane] = (perLane[lane] ?? 0) + 1;
      }),
      { numRuns: 4_000 },
    );
    expect(Math.min(...perLane)).toBeGreaterThan(4_000 / LANES / 2);
    expect(Math.max(...perLane)).toBeLessThan((4_000 / LANES) * 2);
  });
});
