/** What people read, where it could say more than the answer knows. */
import { expect, it } from 'vitest';
import type { AsOf, EventAnswer, SeatAudit } from '../../src/audit/answers.ts';
import { renderSeat } from '../../src/audit/render/seat.ts';

const event: EventAnswer = {
  ...{ position: '7', recordedAtMs: 1_000, stream: 'Sale-p', revision: '1', type: 'OrderPaid' },
  ...{ actor: 'payment', mode: null, correlationId: 'c', causationId: 'd', says: 'paid' },
};
const owned: SeatAudit['ownerships'][number] = {
  ...{ state: 'sold', buyer: 'ann', holdToken: null, orderNumber: '1' },
  ...{ from: event, until: null, ended: null },
};
const seatAsOf = (asked: Pick<AsOf, 'asked' | 'atMs' | 'machineTime'>): string =>
  renderSeat({
    ...{ programId: 'p', place: { categoryId: 'stalls', seat: null }, kind: 'ordinary' },
    asOf: { ...asked, event: { position: '7', recordedAtMs: 1_000 } },
    ...{ owner: owned, ownerships: [owned], unreadable: [] },
  });

it('A seat is somebody’s until now only where now was asked about', () => {
  const now = seatAsOf({ asked: null, atMs: null, machineTime: null });
  const then = seatAsOf({ asked: 'position:7', atMs: null, machineTime: null });
  expect([now, then].map((text) => /until now|still then/.exec(text)?.[0])).toEqual([
    'until now',
    'still then',
  ]);
});
