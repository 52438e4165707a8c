/** What can be asked of a lane, and what it can answer. */
import type { QueuedOrder } from './events.ts';

export type QueueOrder = { readonly type: 'QueueOrder'; readonly order: QueuedOrder };

export type OrderQueueCommand = QueueOrder;

export type OrderQueueOutcome = {
  readonly kind: 'order_queued';
  readonly orderNumber: QueuedOrder['orderNumber'];
};
