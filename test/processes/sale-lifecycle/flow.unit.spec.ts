import { describe, expect, it } from 'vitest';
import {
  expectRefunded,
  isTurned,
  type LifecycleEvent,
  stepsAfter,
} from '../../../src/processes/sale-lifecycle/flow.ts';
import { cancelled, closed, programId, scheduled } from '../../domain/program/fixtures.ts';
import { idOf } from '../../domain/sale/fixtures.ts';

const orderNumber = idOf.order(7);
const paid: LifecycleEvent = {
  type: 'OrderPaid',
  data: {
    orderNumber,
    paymentNumber: idOf.payment(8),
    amountMinor: idOf.money(500),
    places: [[0, 1]],
  },
};
const stepsOf = (event: LifecycleEvent, stream: string) => stepsAfter({ ...event, stream });

describe('what happened to a program', () => {
  it('asks for its sale to follow', () => {
    const step = { kind: 'keep_in_step', programId };
    expect(stepsOf(scheduled as LifecycleEvent, 'Program-p-1')).toEqual([step]);
    expect(stepsOf(closed as LifecycleEvent, 'Program-p-1')).toEqual([step]);
  });

  it('asks for refunds behind the end of the sale when it was cancelled', () => {
    const steps = stepsOf(cancelled as LifecycleEvent, 'Program-p-1');
    expect(steps.map(({ kind }) => kind)).toEqual(['keep_in_step', 'refund_all']);
  });

  it('is asked when an order is paid that may be of a cancelled program', () => {
    expect(stepsOf(paid, 'Sale-p-1')).toEqual([{ kind: 'refund_if_cancelled', programId, orderNumber }]);
    expect(() => stepsOf(paid, 'Payment-1')).toThrow('no sale');
  });
});

describe('a refund', () => {
  it('is done when it is done now, was done before, or so long ago that it is forgotten', () => {
    expect(() => expectRefunded({ kind: 'order_refunded', orderNumber })).not.toThrow();
    expect(() => expectRefunded({ kind: 'refused', code: 'order_not_found' })).not.toThrow();
  });

  it('is tried again after any other answer', () => {
    expect(() => expectRefunded({ kind: 'refused', code: 'order_not_paid' })).toThrow('order_not_paid');
    expect(() => expectRefunded({ kind: 'sale_ended' })).toThrow('sale_ended');
  });
});

describe('a window that was due', () => {
  it('is turned unless the program has other hours by now', () => {
    expect(isTurned({ kind: 'opened' })).toBe(true);
    expect(isTurned({ kind: 'refused', code: 'sale_not_due' })).toBe(false);
  });
});
