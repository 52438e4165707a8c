/** What the gate's projector reads of the log: sales, and the queue whose orders they decide. */
import { ORDER_QUEUE_CATEGORY, orderQueueEventSpecs } from '../domain/order-queue/index.ts';
import { SALE_CATEGORY, saleEventSpecs } from '../domain/sale/index.ts';
import { createCodec, type EventStore } from '../eventstore/index.ts';
import { logSource } from '../eventstore/log-source.ts';
import type { GateSource } from './gate-projector.ts';

const codec = createCodec([...saleEventSpecs, ...orderQueueEventSpecs]);
const streamPrefixes = [SALE_CATEGORY, ORDER_QUEUE_CATEGORY].map((category) => `${category}-`);

/** In a stampede, so that Redis is asked once for many orders. */
const BUSY_WAIT_MS = 20;

/** A subscription of its own, since it goes on without SQL, and as fast as Redis is. */
export const gateSource = (store: Pick<EventStore, 'subscribeToAll'>): GateSource =>
  logSource(store, codec, { name: 'gate', streamPrefixes, busyBatchMaxWaitMs: BUSY_WAIT_MS });
