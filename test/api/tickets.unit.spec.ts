import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketEndpoints } from '../../src/api/tickets.ts';
import { orderNumberSchema, ticketUserIdSchema, userIdSchema } from '../../src/domain/shared/ids.ts';
import { parsePublicKey } from '../../src/signing.ts';
import { verifyTicket } from '../../src/tickets/code.ts';
import { type TicketedOrder, ticketsOfOrder } from '../../src/tickets/tickets-of-order.ts';
import { key, seated } from '../tickets/fixtures.ts';
import { bearer, type LaneServer, startLane } from './lanes.ts';

const ANN = userIdSchema.parse('ann');
const ticket = {
  ticketUser: ticketUserIdSchema.parse('person-1'),
  categoryId: seated.categoryId,
  seat: seated.seat,
  priceMinor: 500,
  refunded: false,
};
const issued: TicketedOrder = {
  orderNumber: orderNumberSchema.parse('300'),
  programId: seated.programId,
  status: 'issued',
  tickets: [
    { ...ticket, refunded: true },
    ticket,
    { ...ticket, ticketUser: ticketUserIdSchema.parse('erased') },
  ],
};
const unpaid: TicketedOrder = { ...issued, orderNumber: orderNumberSchema.parse('301'), status: 'paid' };

let server: LaneServer;
beforeAll(async () => {
  const endpoints = ticketEndpoints({
    ticketsOfOrder: async (orderNumber, buyer) => {
      const order = [issued, unpaid].find((one) => one.orderNumber === orderNumber);
      return order === undefined || buyer !== ANN ? undefined : ticketsOfOrder(order, key);
    },
    maskedNames: async () => new Map([[ticket.ticketUser, '王*']]),
    publicKey: key.publicKey,
  });
  server = await startLane('express', endpoints);
});
afterAll(() => server.close());

const get = async (path: string, user?: string) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, user === undefined ? {} : { headers: await bearer(user) });
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

describe('The tickets of an order', () => {
  it('are shown to their buyer with masked names and codes that a door can check', async () => {
    const answer = await get('/orders/300/tickets', 'ann');
    const { tickets } = (await answer.json()) as { tickets: { code: string }[] };
    expect(tickets).toMatchObject([
      { ticketId: '300-1', index: 1, ticketUser: '王*', categoryId: 'stalls', seat: seated.seat },
      { ticketId: '300-2', index: 2, ticketUser: null },
    ]);
    expect(verifyTicket(key.publicKey, tickets[0]?.code ?? '')).toMatchObject({
      kind: 'valid',
      ticket: { orderNumber: '300', index: 1 },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('are shown to nobody else', async () => {
    expect(await codeOf(await get('/orders/300/tickets', 'ben'))).toEqual([404, 'order_not_found']);
    expect((await get('/orders/300/tickets')).status).toBe(401);
  });

  it('are not there before they are issued', async () => {
    expect(await codeOf(await get('/orders/301/tickets', 'ann'))).toEqual([409, 'tickets_not_issued']);
  });

  it('are drawn as QR codes, but not those that were given back', async () => {
    const png = await get('/orders/300/tickets/1/qr.png', 'ann');
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(
      Buffer.from(await png.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    const svg = await get('/orders/300/tickets/1/qr.svg', 'ann');
    expect(await svg.text()).toMatch(/^<svg /);
    expect(await codeOf(await get('/orders/300/tickets/0/qr.png', 'ann'))).toEqual([422, 'unknown_ticket']);
    for (const index of ['x', '%20', '0x1', '1.0']) {
      expect((await get(`/orders/300/tickets/${index}/qr.png`, 'ann')).status).toBe(422);
    }
  });
});

describe('The public key of tickets', () => {
  it('is anybody’s to have, in two forms of one key', async () => {
    const answer = await get('/tickets/public-key');
    const shown = (await answer.json()) as { keyId: string; publicKey: string; pem: string };
    expect(shown).toMatchObject({ algorithm: 'Ed25519', keyId: key.publicKey.id });
    for (const text of [shown.publicKey, shown.pem]) {
      expect(parsePublicKey(text)).toMatchObject({ kind: 'valid', key: { id: key.publicKey.id } });
    }
  });
});
