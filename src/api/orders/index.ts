/** The order endpoints: placing in four modes, looking, and taking back. */
import { type Endpoint, endpoint, json } from '../endpoint.ts';
import { orderParams } from '../inputs.ts';
import { cancelledSchema } from './answers.ts';
import type { OrdersDeps } from './deps.ts';
import { placeEndpoints, refusedReply } from './place.ts';
import { readEndpoints } from './read.ts';

export type * from './deps.ts';

export const ordersEndpoints = (deps: OrdersDeps): readonly Endpoint[] => [
  ...placeEndpoints(deps),
  ...readEndpoints(deps),
  cancelEndpoint(deps),
];

/** What a flash sale is made of: placing an order, and asking what became of it. */
export const isHotOrderEndpoint = ({ method, path }: Endpoint): boolean =>
  method === 'POST' ? /^\/orders(\/v[1-4])?$/.test(path) : path === '/orders/:orderNumber/status';

const cancelEndpoint = ({ cancelOrder }: Pick<OrdersDeps, 'cancelOrder'>): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/orders/:orderNumber/cancel',
    access: 'buyer',
    summary: 'Takes back an order that is not paid yet.',
    params: orderParams,
    answers: { 200: cancelledSchema },
    handle: async ({ params: { orderNumber }, identity: { userId }, correlationId }) => {
      const context = { commandId: `cancel-${orderNumber}`, correlationId, actor: userId };
      const answer = await cancelOrder(orderNumber, userId, context);
      return answer.kind === 'refused'
        ? refusedReply(answer)
        : json(200, { orderNumber, status: 'cancelled' });
    },
  });
