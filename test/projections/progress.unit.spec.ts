import { describe, expect, it } from 'vitest';
import { type Lag, lagMs } from '../../src/projections/progress.ts';

const NOW_MS = 100_000;
const at = (change: Partial<Lag>): number | undefined =>
  lagMs({
    checkpoint: { recordedAtMs: 40_000, stopped: undefined },
    isAtSource: true,
    isLive: false,
    inFlight: undefined,
    liveAtMs: undefined,
    nowMs: NOW_MS,
    ...change,
  });

describe('the lag of a projection', () => {
  it('is nothing while all is applied, however long ago that was recorded', () => {
    expect(at({ isLive: true })).toBe(0);
  });

  it('is the age of the oldest event that is being applied', () => {
    expect(at({ isLive: true, inFlight: { events: 5, oldestRecordedAtMs: 99_000 } })).toBe(1_000);
  });

  it('is at most the age of the last event applied while it catches up', () => {
    expect(at({})).toBe(60_000);
  });

  it('is at most the time since all was applied when the store is lost', () => {
    expect(at({ liveAtMs: 95_000 })).toBe(5_000);
  });

  it('is the age of the event that it stopped at', () => {
    const stopped = {
      stream: 's',
      revision: '1',
      position: '1',
      type: 't',
      error: 'e',
      recordedAtMs: 70_000,
    };
    expect(at({ isLive: true, checkpoint: { recordedAtMs: 60_000, stopped } })).toBe(30_000);
  });

  it('counts from its own last event while it stands further back than the others', () => {
    const inFlight = { events: 5, oldestRecordedAtMs: 99_000 };
    expect(at({ isAtSource: false, isLive: true, inFlight, liveAtMs: 99_000 })).toBe(60_000);
  });

  it('is not known before anything is', () => {
    expect(at({ checkpoint: { recordedAtMs: undefined, stopped: undefined } })).toBeUndefined();
  });

  it('is never negative, whatever the clocks say', () => {
    expect(at({ inFlight: { events: 1, oldestRecordedAtMs: NOW_MS + 5 } })).toBe(0);
  });
});
