import { describe, expect, it } from 'vitest';
import { isBy, localTime, parseMoment } from '../../src/audit/moment.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 12, 30);

const timeOf = (text: string): string => {
  const parsed = parseMoment(text, NOW_MS);
  if (parsed.kind === 'refused') return parsed.problem;
  return parsed.moment.atMs === null ? 'a position' : new Date(parsed.moment.atMs).toISOString();
};

describe('A moment', () => {
  it.each([
    ['2026-11-22T10:03:00Z', '2026-11-22T10:03:00.000Z'],
    ['2026-11-22T20:03+08:00', '2026-11-22T12:03:00.000Z'],
    ['2026-11-22 20:03:05.25 +0800', '2026-11-22T12:03:05.250Z'],
    ['2026-11-22T20:03+08', '2026-11-22T12:03:00.000Z'],
    ['2026-11-22T20:03 08:00', '2026-11-22T12:03:00.000Z'],
    ['2026-11-22 20:03:05.25 0800', '2026-11-22T12:03:05.250Z'],
    ['1795000000000', new Date(1_795_000_000_000).toISOString()],
  ])('is read from %s', (text, expected) => {
    expect(timeOf(text)).toBe(expected);
  });

  it('without a zone is this machine’s, and a time alone is today’s', () => {
    const today = localTime(NOW_MS).slice(0, 10);
    const expected = new Date(`${today}T00:03:00`).toISOString();
    expect(timeOf(`${today}T00:03`)).toBe(expected);
    expect(timeOf('00:03')).toBe(expected);
    expect(timeOf(`${today} 00:03`)).toBe(expected);
    expect(timeOf(today)).toBe(new Date(`${today}T00:00:00`).toISOString());
  });

  it('is a position too, beyond what a number holds', () => {
    expect(parseMoment('position:9007199254740993', NOW_MS)).toEqual({
      kind: 'moment',
      moment: { asked: 'position:9007199254740993', atMs: null, position: 9_007_199_254_740_993n },
    });
  });

  it.each([
    'yesterday',
    '',
    '2026-11-22 0800',
    '2026-11-22T20:03 08:00Z',
    '2026-02-30',
    '2026-11-22T25:00',
    '2026-13-01',
    '12',
    'position:',
    '20:61',
  ])('is not “%s”', (text) => {
    expect(timeOf(text)).toMatch(/is no moment: give a time like .* or position:P\.$/);
  });

  it('that is still to come, or beyond every log, is refused', () => {
    expect(timeOf('2026-11-22T12:32:00Z')).toBe('“2026-11-22T12:32:00Z” is still to come.');
    expect(timeOf(`position:${2n ** 63n}`)).toBe('A position is below 2^63.');
  });

  it('takes in what was recorded by then, or stands at that position', () => {
    const event = { position: 7n, recordedAtMs: 100 };
    expect(isBy(undefined, event)).toBe(true);
    expect(isBy({ asked: '', atMs: 100, position: null }, event)).toBe(true);
    expect(isBy({ asked: '', atMs: 99, position: null }, event)).toBe(false);
    expect(isBy({ asked: '', atMs: null, position: 7n }, event)).toBe(true);
    expect(isBy({ asked: '', atMs: null, position: 6n }, event)).toBe(false);
  });
});
