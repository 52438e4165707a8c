/** One batch of the log into Redis: sales first, then the statuses of their orders. */
import type { LRUCache } from 'lru-cache';
import type { OrderQueueEvent } from '../domain/order-queue/index.ts';
import { programOfSaleStream, type SaleEvent } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId, RequestId } from '../domain/shared/ids.ts';
import type { GateSales } from './gate-sales.ts';
import { type OrderStatusWrite, queuedWrite, STATUS_TTL_MS } from './order-statuses.ts';
import type { SaleOccurrence } from './sale-feed.ts';
import { changesOf } from './status-changes.ts';
import type { WriteStatuses } from './telling.ts';

type Recorded = {
  readonly stream: string;
  readonly revision: bigint;
  readonly recordedAtMs: number;
};
type GateEvent = (SaleEvent | OrderQueueEvent) & Recorded;

export type GateIncoming =
  | { readonly kind: 'event'; readonly event: GateEvent }
  /** Cannot be read as what its type says. */
  | { readonly kind: 'corrupt'; readonly event: Recorded; readonly error: Error };

export type Projecting = {
  readonly sales: GateSales;
  readonly write: WriteStatuses;
  /** The requests of queued orders that are not decided yet, as far as they are remembered. */
  readonly queued: LRUCache<OrderNumber, RequestId>;
  readonly onTrouble: (error: Error) => void;
  readonly nowMs: () => number;
};

/**
 * Whoever reads that an order is placed finds its seats taken; only what Redis had lost comes back the other way
 * round. Repeating it changes nothing. Rejects with StoppedError, and with what the log rejects with.
 */
export const project = async (projecting: Projecting, incoming: readonly GateIncoming[]): Promise<void> => {
  const { sales, queued } = projecting;
  const events: GateEvent[] = [];
  for (const entry of incoming) {
    if (entry.kind === 'event') events.push(entry.event);
    else await setAside(projecting, entry);
  }
  for (const event of events) {
    if (event.type === 'OrderQueued') queued.set(event.data.orderNumber, event.data.requestId);
  }
  // Nobody waits for what is older any more, and Redis would have forgotten it.
  const tellFromMs = projecting.nowMs() - STATUS_TTL_MS;
  const isTold = ({ recordedAtMs }: Recorded): boolean => recordedAtMs >= tellFromMs;
  const changes = events.filter(isTold).flatMap(queuedOf);
  for (const [programId, occurrences] of bySale(events)) {
    await sales.apply(programId, occurrences);
    // At once: there may be no room in memory for this sale and the next one.
    const state = sales.stateOf(programId);
    changes.push(...changesOf(state, programId, occurrences.filter(isTold)));
  }
  for (const event of events) forgetDecided(queued, event);
  await projecting.write(changes);
};

const setAside = async (
  { sales, onTrouble }: Projecting,
  { event, error }: Extract<GateIncoming, { readonly kind: 'corrupt' }>,
): Promise<void> => {
  const programId = programOfSaleStream(event.stream);
  if (programId === undefined) onTrouble(error);
  else await sales.setAside(programId, error);
};

type SaleOccurrences = readonly (SaleOccurrence & Recorded)[];

const bySale = (events: readonly GateEvent[]): ReadonlyMap<ProgramId, SaleOccurrences> => {
  const sales = new Map<ProgramId, (SaleOccurrence & Recorded)[]>();
  for (const event of events) {
    const programId = programOfSaleStream(event.stream);
    if (programId === undefined || event.type === 'OrderQueued') continue;
    const { stream, revision, recordedAtMs } = event;
    const occurrence = { event, stream, revision, recordedAtMs };
    const occurrences = sales.get(programId);
    if (occurrences === undefined) sales.set(programId, [occurrence]);
    else occurrences.push(occurrence);
  }
  return sales;
};

const queuedOf = (event: GateEvent): OrderStatusWrite[] =>
  event.type === 'OrderQueued' ? [queuedWrite(event.data)] : [];

const forgetDecided = (queued: LRUCache<OrderNumber, RequestId>, event: GateEvent): void => {
  const isDecision =
    event.type === 'OrderPlaced' || event.type === 'OrderRejected' || event.type === 'OrderRepeated';
  if (isDecision) queued.delete(event.data.orderNumber);
};
