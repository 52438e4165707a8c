/** What buyers see of their orders. Somebody else's order is not found, like one that never was. */
import { z } from 'zod';
import { orderStatuses } from '../../domain/sale/index.ts';
import { MAX_PAGE_SIZE } from '../../projections/cursor.ts';
import { type Call, type Endpoint, endpoint, json, type Reply, type ServerSentEvent } from '../endpoint.ts';
import { orderParams, wholeNumber } from '../inputs.ts';
import { refusal } from '../refusals.ts';
import { orderAnswer, orderSchema, ordersSchema, statusAnswer, statusSchema } from './answers.ts';
import type { OrderStatusView, OrdersDeps } from './deps.ts';

const DEFAULT_PAGE_SIZE = 20;
const EVENT_STREAM = 'text/event-stream';

const listQuery = z.strictObject({
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(orderStatuses)).max(orderStatuses.length))
    .optional()
    .describe('Orders of these statuses only, with commas between them.'),
  after: z.string().max(500).optional().describe('`next` of the page before.'),
  limit: wholeNumber(1, MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE),
});

type ReadDeps = Pick<OrdersDeps, 'statusOf' | 'watchStatus' | 'orderOfBuyer' | 'ordersOfBuyer'>;

export const readEndpoints = (deps: ReadDeps): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/orders',
    access: 'buyer',
    summary: 'Lists the caller’s orders, newest first.',
    query: listQuery,
    answers: { 200: ordersSchema },
    handle: async ({ query: { status, after, limit }, identity: { userId } }) => {
      const page = await deps.ordersOfBuyer({ buyer: userId, statuses: status, after, limit });
      if (page.kind === 'refused') return refusal('cursor_invalid');
      return json(200, { orders: page.items.map(orderAnswer), next: page.next ?? null });
    },
  }),
  endpoint({
    method: 'GET',
    path: '/orders/:orderNumber',
    access: 'buyer',
    summary: 'Shows an order of the caller’s with its tickets.',
    params: orderParams,
    answers: { 200: orderSchema },
    handle: async ({ params: { orderNumber }, identity: { userId } }) => {
      const order = await deps.orderOfBuyer(orderNumber, userId);
      return order === undefined ? refusal('order_not_found') : json(200, orderAnswer(order));
    },
  }),
  endpoint({
    method: 'GET',
    path: '/orders/:orderNumber/status',
    access: 'buyer',
    summary: 'Tells what became of an order; as text/event-stream until it is no longer queued.',
    params: orderParams,
    answers: { 200: statusSchema },
    handle: (call) => status(deps, call),
  }),
];

const status = async (
  { statusOf, watchStatus }: ReadDeps,
  call: Call<'buyer', z.output<typeof orderParams>>,
): Promise<Reply> => {
  const { orderNumber } = call.params;
  const { userId } = call.identity;
  const known = await statusOf(orderNumber, userId);
  if (known === undefined) return refusal('order_not_found');
  if (call.header('accept')?.includes(EVENT_STREAM) === true) {
    return {
      kind: 'events',
      events: untilDecided(known, () => watchStatus(orderNumber, userId, call.signal)),
    };
  }
  return json(200, statusAnswer(known), known.status === 'queued' ? { 'retry-after': '1' } : {});
};

/** What is known comes first, then every change, and nothing behind the decision. */
async function* untilDecided(
  known: OrderStatusView,
  watch: () => AsyncIterable<OrderStatusView>,
): AsyncGenerator<ServerSentEvent> {
  yield { event: 'status', data: statusAnswer(known) };
  if (known.status !== 'queued') return;
  for await (const next of watch()) {
    if (next.status === 'queued') continue;
    yield { event: 'status', data: statusAnswer(next) };
    return;
  }
}
