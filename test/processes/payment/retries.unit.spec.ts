/** Refunds that are to be tried again, while one of their payments is out of reach. */
import { describe, expect, it } from 'vitest';
import { type PaymentNumber, paymentNumberSchema, refundIdSchema } from '../../../src/domain/shared/ids.ts';
import {
  type PaymentAggregate,
  retryDueRefunds,
  type ScheduledRetry,
} from '../../../src/processes/payment/index.ts';

const OUT_OF_REACH = paymentNumberSchema.parse('1');

const retryOf = (paymentNumber: PaymentNumber): ScheduledRetry => ({
  ...{ paymentNumber, refundId: refundIdSchema.parse(`${paymentNumber}-ended`), attempt: 2 },
  ...{ dueMs: 0, correlationId: 'c' },
});

describe('refunds that are due to be tried again', () => {
  it('do not wait behind one whose payment is out of reach, which stays due', async () => {
    const due = ['1', '2', '3'].map((number) => retryOf(paymentNumberSchema.parse(number)));
    const [asked, done]: [PaymentNumber[], PaymentNumber[]] = [[], []];
    const submit =
      (paymentNumber: PaymentNumber): PaymentAggregate['submit'] =>
      async () => {
        asked.push(paymentNumber);
        if (paymentNumber === OUT_OF_REACH) throw new Error('out of reach');
        return { kind: 'refund_requested' };
      };
    const retrying = retryDueRefunds({
      payment: (paymentNumber) => ({ submit: submit(paymentNumber), ask: () => Promise.reject() }),
      retries: {
        schedule: () => Promise.reject(),
        due: async () => due,
        done: async ({ paymentNumber }) => {
          done.push(paymentNumber);
        },
      },
      nowMs: () => 1,
    });
    await expect(retrying).rejects.toThrow('out of reach');
    expect(asked).toEqual(['1', '2', '3']);
    expect(done).toEqual(['2', '3']);
  });
});
