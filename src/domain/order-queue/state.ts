/** A lane remembers nothing: it is a log of requests, and what became of one the sale knows. */
import type { OrderQueueEvent } from './events.ts';

export type OrderQueueState = { readonly kind: 'lane' };

export const initial = (): OrderQueueState => ({ kind: 'lane' });

export const evolve = (state: OrderQueueState, _event: OrderQueueEvent): OrderQueueState => state;
