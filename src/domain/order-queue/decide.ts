/** Every order is queued, a repeated one too: the sale recognises a request that it has decided before. */
import type { Decision } from '../shared/decider.ts';
import type { OrderQueueCommand, OrderQueueOutcome } from './commands.ts';
import type { OrderQueueEvent } from './events.ts';

export const decide = ({ order }: OrderQueueCommand): Decision<OrderQueueEvent, OrderQueueOutcome> => ({
  outcome: { kind: 'order_queued', orderNumber: order.orderNumber },
  events: [{ type: 'OrderQueued', data: order }],
});
