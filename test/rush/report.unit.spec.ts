/** What a person reads of a check, and of the way there where there is no terminal. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import type { CheckReport } from '../../src/rush/check/index.ts';
import { createProgress } from '../../src/rush/progress.ts';
import { renderCheck } from '../../src/rush/report.ts';

const report = (change: Partial<CheckReport> = {}): CheckReport => ({
  ...{ programId: programIdSchema.parse('swan-lake'), ok: false, events: 1_234, orders: 5, acknowledged: 5 },
  alive: { orders: 1, holds: 1 },
  balance: { payments: 2, capturedMinor: 9, issuedMinor: 5, refundedMinor: 3, awaitingMinor: 1 },
  stock: [],
  findings: [
    { name: 'seats', ok: false, broken: 12, examples: ['seat 1', 'seat 2'] },
    { name: 'money', ok: true, broken: 0, examples: [] },
  ],
  ...change,
});

describe('a check', () => {
  it('says ok or BROKEN of each promise, with examples and how many more there are', () => {
    expect(renderCheck(report(), 'v3')).toEqual([
      'Check of swan-lake (v3): 1,234 events, 5 orders, 5 acknowledgements, 2 payments; 2 holds not due yet.',
      '  money, minor units: 9 captured = 5 issued + 3 refunded + 1 awaiting',
      '  BROKEN  no seat has two owners, and no category gives away more than it has, at any event: 12 times',
      '            seat 1',
      '            seat 2',
      '            … and 10 more',
      '  ok      captured = issued + refunded + awaiting, per payment, and no ticket without captured money',
    ]);
  });
});

describe('progress', () => {
  it('is a line at the end of each phase where there is no terminal', () => {
    const out = new PassThrough();
    const progress = createProgress(Object.assign(out, { isTTY: false }));
    const phase = progress.phase('preparing', 10);
    phase.update(4);
    phase.update(10);
    phase.end('20 ticket users');
    progress.say('Done.');
    expect(String(out.read())).toMatch(/^preparing: 10\/10 after \d+ s 20 ticket users\nDone\.\n$/);
  });
});
