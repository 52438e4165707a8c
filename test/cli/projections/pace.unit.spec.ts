import { expect, it } from 'vitest';
import { createPaceMeter } from '../../../src/cli/projections/pace.ts';
import type { RebuildProgress } from '../../../src/rebuild/rebuildable.ts';

const at = (events: number, position: bigint): RebuildProgress => ({
  ...{ phase: 'reading', events, position, until: 1_000n },
});

it('Nothing is said of the rate before there is something to compare', () => {
  const meter = createPaceMeter(() => 5);
  expect(meter(at(10, 100n))).toEqual({ percent: 10, eventsPerSecond: undefined, leftMs: undefined });
});

it('What an interrupted rebuild had read makes this one no faster', () => {
  let nowMs = 0;
  const meter = createPaceMeter(() => nowMs);
  meter(at(50_000, 500n));
  nowMs = 2_000;
  expect(meter(at(50_100, 600n))).toEqual({ percent: 60, eventsPerSecond: 50, leftMs: 8_000 });
});

it('A log that grows while it is read never makes more than all of it, and an empty one is read', () => {
  const meter = createPaceMeter(() => 0);
  expect(meter({ ...at(1, 2_000n) }).percent).toBe(100);
  expect(meter({ ...at(0, -1n), until: -1n }).percent).toBe(100);
});
