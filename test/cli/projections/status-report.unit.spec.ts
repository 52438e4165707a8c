import { describe, expect, it } from 'vitest';
import { renderStatus, statusAsJson, statusRow } from '../../../src/cli/projections/status-report.ts';
import type { ProjectionSeen } from '../../../src/engine/projections-seen.ts';

const seen = (change: Partial<ProjectionSeen> = {}): ProjectionSeen => ({
  ...{
    name: 'orders',
    store: 'sql',
    version: 1,
    codeVersion: 1,
    build: 2,
    handles: new Set(['OrderPlaced']),
  },
  ...{ position: 2n ** 60n + 1n, state: 'running', stopped: undefined, lagMs: 7, lastError: undefined },
  ...{ waitingEvents: 0, eventsPerSecond: 1_234.4 },
  ...change,
});
const exactly = (events: number, oldestRecordedAtMs?: number) => ({
  ...{ events, isExact: true, oldestRecordedAtMs },
});
const stopped = {
  ...{ stream: 'Sale-p', revision: '7', position: '42', type: 'OrderPlaced', recordedAtMs: 1 },
  error: 'a row\n  is there',
};
const NOW_MS = 10_000;
const linesOf = (projection: ProjectionSeen, behind: Parameters<typeof statusRow>[1]) =>
  renderStatus([statusRow(projection, behind, NOW_MS)]);

describe('The table of read models', () => {
  it('has a line for each, and loses no digit of a position', () => {
    const [title = '', line = '', ...rest] = linesOf(seen(), exactly(0));
    expect(title).toMatch(
      /^NAME +STORE +VERSION +BUILD +POSITION +LAG \(EVENTS\) +LAG \(MS\) +EVENTS\/S +STATE$/,
    );
    expect(line).toMatch(/^orders +sql +1 +2 +1152921504606846977 +0 +0 +1,234 +running$/);
    expect(rest).toEqual([]);
  });

  it('counts events in the log, and how old the oldest of them is', () => {
    expect(linesOf(seen(), exactly(1_500, 9_000))[1]).toMatch(/ 1,500 +1,000 /);
  });

  it('says that there are more where it has not counted all of them', () => {
    const behind = { events: 120_000, isExact: false, oldestRecordedAtMs: 9_000 };
    expect(linesOf(seen(), behind)[1]).toMatch(/ 100,000\+ +7 /);
  });

  it('shows what is not known as unknown, when the log is away and nothing has ever run', () => {
    const never = { position: -1n, state: 'not_running', lagMs: undefined, build: undefined } as const;
    const [, line] = linesOf(seen({ ...never, eventsPerSecond: undefined }), undefined);
    expect(line).toMatch(/^orders +sql +1 +- +- +\? +- +- +not running$/);
  });

  it('says what to do where the running code is newer than the rows', () => {
    const [, line, note] = linesOf(seen({ codeVersion: 3 }), exactly(0));
    expect(line).toMatch(/^orders +sql +1 \(code 3\) /);
    expect(note).toBe('orders: filled by version 1, the code has 3: seatlog projections rebuild orders');
  });

  it('says at which event one stands and why, in one line and once', () => {
    const lastError = { message: stopped.error, atMs: 5 };
    const [, line, ...notes] = linesOf(seen({ state: 'stopped', stopped, lastError }), exactly(3, 1));
    expect(line).toMatch(/ 3 +9,999 +1,234 +stopped$/);
    expect(notes).toEqual(['orders: stopped at OrderPlaced, Sale-p@7, position 42: a row is there']);
  });

  it('keeps the last error in sight', () => {
    const [, , note] = linesOf(seen({ lastError: { message: 'away', atMs: 0 } }), exactly(0));
    expect(note).toBe('orders: last error, 1970-01-01T00:00:00.000Z: away');
  });
});

it('As JSON, positions are text and what is not known is null', () => {
  const rows = [
    statusRow(seen({ codeVersion: 2, state: 'stopped', stopped }), exactly(3, 9_000), NOW_MS),
    statusRow(seen({ name: 'gate', store: 'redis', position: -1n, build: undefined }), undefined, NOW_MS),
  ];
  const { projections, ...head } = statusAsJson(rows, 2n ** 60n + 5n, NOW_MS);
  expect(head).toEqual({ atMs: NOW_MS, logEnd: '1152921504606846981' });
  expect(JSON.parse(JSON.stringify(projections))).toMatchObject([
    {
      ...{ name: 'orders', version: 1, codeVersion: 2, needsRebuild: true, build: 2 },
      ...{ position: '1152921504606846977', lagEvents: 3, lagEventsExact: true, lagMs: 1_000 },
      ...{ state: 'stopped', stoppedAt: stopped, lastError: null },
    },
    { name: 'gate', position: null, build: null, lagEvents: null, lagEventsExact: false, lagMs: 7 },
  ]);
});
