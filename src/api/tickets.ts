/**
 * Tickets of issued orders with their codes, as text and as QR codes, and the key that checks them anywhere.
 */
import { z } from 'zod';
import { MAX_TICKETS_PER_ORDER } from '../domain/sale/index.ts';
import type { OrderNumber, TicketUserId, UserId } from '../domain/shared/ids.ts';
import { type PublicKey, publicKeyPem, publicKeyText } from '../signing.ts';
import { qrPng, qrSvg } from '../tickets/qr.ts';
import type { Ticket, TicketsOfOrder } from '../tickets/tickets-of-order.ts';
import { type Endpoint, endpoint, json, type Reply } from './endpoint.ts';
import { orderParams, wholeNumber } from './inputs.ts';
import { refusal } from './refusals.ts';

export type TicketEndpointsDeps = {
  /** Undefined also for another buyer's order. */
  readonly ticketsOfOrder: (orderNumber: OrderNumber, buyer: UserId) => Promise<TicketsOfOrder | undefined>;
  /** Masked, as in `王*`; people who were erased are not among them. */
  readonly maskedNames: (
    buyer: UserId,
    ticketUsers: readonly TicketUserId[],
  ) => Promise<ReadonlyMap<TicketUserId, string>>;
  readonly publicKey: PublicKey;
};

const ticketParams = orderParams.extend({ index: wholeNumber(0, MAX_TICKETS_PER_ORDER - 1) });

const ticketSchema = z.object({
  ticketId: z.string(),
  index: z.int(),
  ticketUser: z.string().nullable(),
  categoryId: z.string(),
  seat: z.object({ number: z.int(), section: z.string(), row: z.string(), seat: z.string() }).nullable(),
  code: z.string(),
});

export const ticketEndpoints = (deps: TicketEndpointsDeps): readonly Endpoint[] => [
  listEndpoint(deps),
  qrEndpoint(deps, 'png', 'image/png', qrPng),
  qrEndpoint(deps, 'svg', 'image/svg+xml', qrSvg),
  keyEndpoint(deps),
];

const listEndpoint = (deps: TicketEndpointsDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/orders/:orderNumber/tickets',
    access: 'buyer',
    summary: 'The tickets of an order that was issued, without those that were refunded.',
    params: orderParams,
    answers: { 200: z.object({ tickets: z.array(ticketSchema) }) },
    handle: async ({ params: { orderNumber }, identity: { userId } }) => {
      const found = await ticketsOf(deps, orderNumber, userId);
      if (found.kind === 'refused') return found.reply;
      const people = found.tickets.map(({ ticketUser }) => ticketUser);
      const names = await deps.maskedNames(userId, people);
      const tickets = found.tickets.map((ticket) => ({
        ...ticket,
        ticketUser: names.get(ticket.ticketUser) ?? null,
      }));
      return json(200, { tickets });
    },
  });

const qrEndpoint = (
  deps: TicketEndpointsDeps,
  ending: string,
  contentType: string,
  draw: (code: string) => Promise<string | Uint8Array>,
): Endpoint =>
  endpoint({
    method: 'GET',
    path: `/orders/:orderNumber/tickets/:index/qr.${ending}`,
    access: 'buyer',
    summary: `The QR code of one ticket, as ${ending.toUpperCase()}.`,
    params: ticketParams,
    answers: { 200: contentType },
    handle: async ({ params: { orderNumber, index }, identity: { userId } }) => {
      const found = await ticketsOf(deps, orderNumber, userId);
      if (found.kind === 'refused') return found.reply;
      const ticket = found.tickets.find((one) => one.index === index);
      if (ticket === undefined) return refusal('unknown_ticket');
      return { kind: 'bytes', status: 200, contentType, bytes: await draw(ticket.code) };
    },
  });

const keyEndpoint = ({ publicKey }: TicketEndpointsDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/tickets/public-key',
    access: 'public',
    summary: 'The public key that checks the codes of tickets, without any connection.',
    answers: {
      200: z.object({
        algorithm: z.literal('Ed25519'),
        keyId: z.string(),
        publicKey: z.string(),
        pem: z.string(),
      }),
    },
    handle: () =>
      json(
        200,
        {
          algorithm: 'Ed25519',
          keyId: publicKey.id,
          publicKey: publicKeyText(publicKey),
          pem: publicKeyPem(publicKey),
        },
        { 'cache-control': 'public, max-age=3600' },
      ),
  });

type Found =
  | { readonly kind: 'tickets'; readonly tickets: readonly Ticket[] }
  | { readonly kind: 'refused'; readonly reply: Reply };

const ticketsOf = async (
  deps: TicketEndpointsDeps,
  orderNumber: OrderNumber,
  buyer: UserId,
): Promise<Found> => {
  const found = await deps.ticketsOfOrder(orderNumber, buyer);
  if (found === undefined) return { kind: 'refused', reply: refusal('order_not_found') };
  return found.kind === 'tickets' ? found : { kind: 'refused', reply: refusal(found.code) };
};
