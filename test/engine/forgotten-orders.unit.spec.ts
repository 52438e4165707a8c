import { describe, expect, it } from 'vitest';
import type { OrderStatus } from '../../src/domain/sale/index.ts';
import { orderNumberSchema, userIdSchema } from '../../src/domain/shared/ids.ts';
import { sayHowItEnded } from '../../src/engine/forgotten-orders.ts';

const asked = { orderNumber: orderNumberSchema.parse('4711'), buyer: userIdSchema.parse('ann') };
const notFound = { kind: 'refused', code: 'order_not_found' } as const;

const known = (status: OrderStatus | undefined) => ({
  statusOf: async () => (status === undefined ? undefined : { status }),
});

describe('an order that its sale has forgotten', () => {
  it.each([
    ['expired', 'order_expired'],
    ['cancelled', 'order_cancelled'],
    ['payment_refused', 'order_expired'],
    ['refunded', 'order_refunded'],
  ] as const)('which is %s is refused with %s', async (status, code) => {
    expect(await sayHowItEnded(known(status), asked, notFound)).toEqual({ kind: 'refused', code });
  });

  it.each(['queued', 'awaiting_payment', undefined] as const)(
    'and of which no end is known (%s) is not found',
    async (status) => {
      expect(await sayHowItEnded(known(status), asked, notFound)).toEqual(notFound);
    },
  );

  it('is not asked for where the sale has given another answer', async () => {
    const answers = [{ kind: 'order_cancelled' }, { kind: 'refused', code: 'order_already_paid' }] as const;
    for (const answer of answers) expect(await sayHowItEnded(known('expired'), asked, answer)).toBe(answer);
  });
});
