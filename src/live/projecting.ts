/** One batch of the log into Redis: sales first, then the statuses of their orders. */
import type { LRUCache } from 'lru-cache';
import type { OrderQueueEvent } from '../domain/order-queue/index.ts';
import { programOfSaleStream, type SaleEvent } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId, RequestId } from '../domain/shared/ids.ts';
import type { GateSales } from './gate-sales.ts';
import { type OrderStatuses, type OrderStatusWrite, queuedWrite, STATUS_TTL_MS } from './order-statuses.ts';
import type { Persevere } from './persevering.ts';
import type { SaleOccurrence } from './sale-feed.ts';
import { newestOf, statusChangeOf } from './status-changes.ts';

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
  readonly statuses: Pick<OrderStatuses, 'write'>;
  /** The requests of queued orders that are not decided yet, as far as they are remembered. */
  readonly queued: LRUCache<OrderNumber, RequestId>;
  readonly persevere: Persevere;
  readonly onTrouble: (error: Error) => void;
  readonly nowMs: () => number;
};

/**
 * Whoever reads that an order is placed finds its seats taken. Repeating it changes nothing. Rejects with
 * StoppedError, and with what the log rejects with.
 */
export const project = async (projecting: Projecting, incoming: readonly GateIncoming[]): Promise<void> => {
  const { sales, queued, persevere } = projecting;
  const events: GateEvent[] = [];
  for (const entry of incoming) {
    if (entry.kind === 'event') events.push(entry.event);
    else await setAside(projecting, entry);
  }
  for (const event of events) {
    if (event.type === 'OrderQueued') queued.set(event.data.orderNumber, event.data.requestId);
  }
  for (const [programId, occurrences] of bySale(events)) await sales.apply(programId, occurrences);
  for (const event of events) forgetDecided(queued, event);
  const changes = newestOf(events.flatMap((event) => changeOf(projecting, event)));
  if (changes.length > 0) await persevere(() => projecting.statuses.write(changes), { forever: true });
};

const setAside = async (
  { sales, onTrouble }: Projecting,
  { event, error }: Extract<GateIncoming, { readonly kind: 'corrupt' }>,
): Promise<void> => {
  const programId = programOfSaleStream(event.stream);
  if (programId === undefined) onTrouble(error);
  else await sales.setAside(programId, error);
};

const bySale = (events: readonly GateEvent[]): ReadonlyMap<ProgramId, readonly SaleOccurrence[]> => {
  const sales = new Map<ProgramId, SaleOccurrence[]>();
  for (const event of events) {
    const programId = programOfSaleStream(event.stream);
    if (programId === undefined || event.type === 'OrderQueued') continue;
    const occurrences = sales.get(programId);
    const occurrence = { event, revision: event.revision };
    if (occurrences === undefined) sales.set(programId, [occurrence]);
    else occurrences.push(occurrence);
  }
  return sales;
};

const changeOf = ({ sales, nowMs }: Projecting, event: GateEvent): OrderStatusWrite[] => {
  // Nobody waits for those any more, and Redis would have forgotten them.
  if (event.recordedAtMs < nowMs() - STATUS_TTL_MS) return [];
  if (event.type === 'OrderQueued') return [queuedWrite(event.data)];
  const programId = programOfSaleStream(event.stream);
  if (programId === undefined) return [];
  const change = statusChangeOf(sales.stateOf(programId), programId, event, event.revision);
  return change === undefined ? [] : [change];
};

const forgetDecided = (queued: LRUCache<OrderNumber, RequestId>, event: GateEvent): void => {
  const isDecision =
    event.type === 'OrderPlaced' || event.type === 'OrderRejected' || event.type === 'OrderRepeated';
  if (isDecision) queued.delete(event.data.orderNumber);
};
