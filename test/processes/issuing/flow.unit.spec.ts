import { describe, expect, it } from 'vitest';
import {
  type SaleCommand,
  type SaleEvent,
  type SaleOutcome,
  saleStream,
} from '../../../src/domain/sale/index.ts';
import { createIssuingProcess } from '../../../src/processes/issuing/index.ts';
import { idOf, NOW_MS, terms } from '../../domain/sale/fixtures.ts';

const orderNumber = idOf.order(1);
const paid: SaleEvent = {
  type: 'OrderPaid',
  data: { orderNumber, paymentNumber: idOf.payment(5), amountMinor: idOf.money(500), places: [[0, 1]] },
};
const inLog = {
  ...paid,
  stream: saleStream(terms().programId) as string,
  revision: 3n,
  position: 9n,
  recordedAtMs: NOW_MS,
  metadata: { correlationId: 'order-1' },
};

const reactTo = async (outcome: SaleOutcome, event = inLog) => {
  const submitted: unknown[] = [];
  const process = createIssuingProcess({
    sale: (programId) => ({
      submit: async (command: SaleCommand, context) => {
        submitted.push({ programId, command, correlationId: context.correlationId });
        return outcome;
      },
    }),
  });
  await process.react(event as Parameters<typeof process.react>[0]);
  return submitted;
};

describe('The issuing process', () => {
  it('asks the sale of a paid order for its tickets, in the name of whoever ordered', async () => {
    const submitted = await reactTo({ kind: 'tickets_issued', orderNumber });
    expect(submitted).toEqual([
      {
        programId: 'swan-lake',
        command: { type: 'IssueTickets', orderNumber },
        correlationId: 'order-1',
      },
    ]);
  });

  it('is content with an order that was given back meanwhile, known or forgotten', async () => {
    await expect(reactTo({ kind: 'refused', code: 'order_refunded' })).resolves.toHaveLength(1);
    await expect(reactTo({ kind: 'refused', code: 'order_not_found' })).resolves.toHaveLength(1);
  });

  it('goes on trying where the sale says that the order is not paid', async () => {
    await expect(reactTo({ kind: 'refused', code: 'order_not_paid' })).rejects.toThrow('order_not_paid');
  });

  it('refuses an event of a stream that is no sale', async () => {
    const stray = { ...inLog, stream: 'Payment-1' };
    await expect(reactTo({ kind: 'tickets_issued', orderNumber }, stray)).rejects.toThrow('no sale');
  });
});
