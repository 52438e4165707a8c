/** The order queue: v4's durable log of requests, in lanes. */
import type { Decider } from '../shared/decider.ts';
import type { OrderQueueCommand, OrderQueueOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { OrderQueueEvent } from './events.ts';
import { evolve, initial, type OrderQueueState } from './state.ts';

export type * from './commands.ts';
export * from './events.ts';
export type { OrderQueueState } from './state.ts';
export * from './stream.ts';

export const orderQueueDecider: Decider<
  OrderQueueCommand,
  OrderQueueEvent,
  OrderQueueState,
  OrderQueueOutcome
> = { initial, evolve, decide };
