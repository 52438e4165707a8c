import { describe, expect, it } from 'vitest';
import {
  categoryIdSchema,
  orderNumberSchema,
  programIdSchema,
  ticketUserIdSchema,
} from '../../src/domain/shared/ids.ts';
import { ticketUserRef, verifyTicket } from '../../src/tickets/code.ts';
import { qrPng, qrSvg } from '../../src/tickets/qr.ts';
import { type TicketedOrder, ticketsOfOrder } from '../../src/tickets/tickets-of-order.ts';
import { key } from './fixtures.ts';

const person = (name: string) => ticketUserIdSchema.parse(name);
const order: TicketedOrder = {
  orderNumber: orderNumberSchema.parse('300500700156'),
  programId: programIdSchema.parse('swan-lake'),
  status: 'issued',
  tickets: [
    {
      ticketUser: person('ann'),
      categoryId: categoryIdSchema.parse('stalls'),
      seat: { number: 7, section: 'Stalls', row: 'B', seat: '3' },
      priceMinor: 500,
      refunded: true,
    },
    {
      ticketUser: person('ben'),
      categoryId: categoryIdSchema.parse('standing'),
      seat: null,
      priceMinor: 200,
      refunded: false,
    },
  ],
};

describe('The tickets of an order', () => {
  it('are those that were not given back, each with a code that says the same', () => {
    const found = ticketsOfOrder(order, key);
    if (found.kind !== 'tickets') throw new Error(found.code);
    expect(found.tickets).toMatchObject([
      { ticketId: '300500700156-1', index: 1, ticketUser: 'ben', categoryId: 'standing', seat: null },
    ]);
    expect(verifyTicket(key.publicKey, found.tickets[0]?.code ?? '')).toEqual({
      kind: 'valid',
      ticket: {
        programId: 'swan-lake',
        orderNumber: '300500700156',
        index: 1,
        categoryId: 'standing',
        seat: null,
        ticketUserRef: ticketUserRef(person('ben')),
      },
    });
  });

  it.each([
    ['awaiting_payment', 'order_not_paid'],
    ['paid', 'tickets_not_issued'],
    ['refunded', 'order_refunded'],
    ['payment_refused', 'order_expired'],
    ['cancelled', 'order_cancelled'],
  ] as const)('are none while it is %s', (status, code) => {
    expect(ticketsOfOrder({ ...order, status }, key)).toEqual({ kind: 'refused', code });
  });

  it('can be seen as QR codes', async () => {
    const png = await qrPng('code');
    expect(png.subarray(0, 4)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
    expect(await qrSvg('code')).toMatch(/^<svg /);
  });
});
