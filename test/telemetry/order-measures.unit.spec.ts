import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DispatchMode } from '../../src/domain/shared/dispatch-mode.ts';
import { createOrderMeasures } from '../../src/telemetry/order-measures.ts';
import { holds } from '../support/properties.ts';
import { writingMeter } from './meter.ts';

const START_MS = 1_800_000_000_000;
const WINDOW_MS = 30_000;

const open = () => {
  let nowMs = START_MS;
  const { meter, written } = writingMeter();
  const measures = createOrderMeasures(() => nowMs, meter);
  return {
    ...measures,
    written,
    wait: (delayMs: number) => {
      nowMs += delayMs;
    },
  };
};
const NOTHING = { count: 0, latencyMs: { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 } };

describe('Orders that are measured', () => {
  it('are counted by mode and outcome, with how long they took', () => {
    const measures = open();
    for (const tookMs of [1, 2, 3, 100]) measures.record('v3', 'placed', tookMs);
    measures.record('v3', 'sold_out', 0.5);
    measures.record('v1', 'placed', 8);
    const { sinceMs, orders } = measures.report();
    expect(sinceMs).toBe(START_MS);
    expect(orders.map(({ mode, outcome, count }) => [mode, outcome, count])).toEqual([
      ['v1', 'placed', 1],
      ['v3', 'placed', 4],
      ['v3', 'sold_out', 1],
    ]);
    const { p50, max } = orders[1]?.latencyMs ?? NOTHING.latencyMs;
    expect(p50).toBeCloseTo(2, 1);
    expect(Math.abs(max - 100)).toBeLessThan(1);
  });

  it('are told to a registered provider under the same names', () => {
    const measures = open();
    measures.record('v4', 'queued', 1.5);
    const attributes = { 'seatlog.mode': 'v4', 'seatlog.outcome': 'queued' };
    expect(measures.written).toEqual([
      { name: 'seatlog.orders', value: 1, attributes },
      { name: 'seatlog.order.duration', value: 1.5, attributes },
    ]);
  });

  it('are recent for half a minute at least and a minute at most', () => {
    const measures = open();
    const recent = () => measures.report().orders[0]?.recent;
    measures.record('v2', 'placed', 5);
    measures.wait(WINDOW_MS);
    measures.record('v2', 'placed', 5);
    expect(recent()?.count).toBe(2);
    measures.wait(WINDOW_MS);
    expect(recent()?.count).toBe(1);
    measures.wait(WINDOW_MS);
    expect(recent()).toEqual(NOTHING);
    expect(measures.report().orders[0]?.count).toBe(2);
  });

  it('are not recent any more after a long pause, nor after the clock was set back', () => {
    const measures = open();
    for (const delayMs of [10 * WINDOW_MS, -5 * WINDOW_MS]) {
      measures.record('v2', 'placed', 5);
      measures.wait(delayMs);
      expect(measures.report().orders[0]?.recent.count).toBe(0);
    }
  });

  it('take no time and any time alike', () => {
    const measures = open();
    for (const tookMs of [0, -1, Number.MIN_VALUE, 10 ** 12]) measures.record('v1', 'failed', tookMs);
    expect(measures.report().orders[0]).toMatchObject({ count: 4 });
  });

  it('add up, and percentiles do not go down, whatever comes', () => {
    const one = fc.record({
      mode: fc.constantFrom<DispatchMode[]>('v1', 'v2', 'v3', 'v4'),
      outcome: fc.constantFrom('placed', 'sold_out'),
      tookMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
      delayMs: fc.integer({ min: 0, max: 2 * WINDOW_MS }),
    });
    holds(
      fc.property(fc.array(one, { maxLength: 50 }), (all) => {
        const measures = open();
        for (const { mode, outcome, tookMs, delayMs } of all) {
          measures.record(mode, outcome, tookMs);
          measures.wait(delayMs);
        }
        const { orders } = measures.report();
        expect(orders.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        for (const { count, recent, latencyMs } of orders) {
          expect(recent.count).toBeLessThanOrEqual(count);
          const rising = [latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.p999, latencyMs.max];
          expect(rising).toEqual([...rising].sort((low, high) => low - high));
        }
      }),
    );
  });
});
