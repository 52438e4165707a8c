/** Settings of a what-if as people write them. */
import { describe, expect, it } from 'vitest';
import { parseWhatIf, parseWhatIfMembers } from '../../src/what-if/settings.ts';

describe('the settings of a what-if', () => {
  it('are the same as members of JSON', () => {
    const members = { holdTtl: '90s', limit: 4, paymentTtl: '1.5m', perOrder: '2', seatPolicy: 'spread' };
    const texts = ['hold-ttl=90s,limit=4', 'payment-ttl=1.5m', 'per-order=2', 'seat-policy=spread'];
    expect(parseWhatIfMembers(members)).toEqual(parseWhatIf(texts));
    expect(parseWhatIfMembers({})).toEqual(parseWhatIf([]));
  });

  it.each([
    [{ holdTtl: 5 }, 'bad_setting'],
    [{ limit: 1.5 }, 'bad_setting'],
    [{ limit: -1 }, 'bad_setting'],
    [{ seatPolicy: 'worst' }, 'bad_setting'],
    [{ 'hold-ttl': '2m' }, 'unknown_setting'],
    [{ constructor: '1' }, 'unknown_setting'],
    [{ '': '1' }, 'unknown_setting'],
  ])('the members %o are refused with %s', (members: Record<string, string | number>, code) => {
    expect(parseWhatIfMembers(members)).toMatchObject({ kind: 'refused', code });
  });

  it('are times with a unit, numbers of tickets, and a seat policy, in one text or several', () => {
    expect(
      parseWhatIf(['hold-ttl=90s,limit=4', 'payment-ttl=1.5m', 'per-order=2', 'seat-policy=spread']),
    ).toEqual({
      kind: 'settings',
      settings: { holdTtlMs: 90_000, perBuyer: 4, paymentTtlMs: 90_000, perOrder: 2, seatPolicy: 'spread' },
    });
    expect(parseWhatIf([])).toEqual({ kind: 'settings', settings: {} });
  });

  it.each([
    ['hold-ttl=5', 'bad_setting'],
    ['hold-ttl=0ms', 'bad_setting'],
    ['payment-ttl=31d', 'bad_setting'],
    ['payment-ttl=721h', 'bad_setting'],
    ['limit=0', 'bad_setting'],
    ['limit=-1', 'bad_setting'],
    ['per-order=29', 'bad_setting'],
    ['seat-policy=worst', 'bad_setting'],
    ['limit=2,limit=3', 'bad_setting'],
    ['constructor=1', 'unknown_setting'],
    ['price=1', 'unknown_setting'],
    ['', 'unknown_setting'],
  ])('“%s” is refused with %s', (text, code) => {
    expect(parseWhatIf([text])).toMatchObject({ kind: 'refused', code });
  });
});
