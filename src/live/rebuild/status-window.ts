/**
 * What Redis is to say of each order that changed within the last hour of the log, as the projector writes it: an order
 * that nothing is known of any more stays unknown. Whoever reads the log through it needs no more memory than for an
 * hour's orders, some 300 bytes each.
 */
import { type OrderQueueEvent, orderQueueEventSpecs } from '../../domain/order-queue/index.ts';
import { programOfSaleStream, type SaleEvent, saleEventSpecs } from '../../domain/sale/index.ts';
import type { OrderNumber, ProgramId, UserId } from '../../domain/shared/ids.ts';
import { CorruptEventError, createCodec, type StoredEvent } from '../../eventstore/index.ts';
import { type OrderStatusWrite, queuedWrite, STATUS_TTL_MS, statusValueOf } from '../order-statuses.ts';
import { statusChangeOf } from '../status-changes.ts';
import { addPosition } from './differences.ts';

const codec = createCodec([...saleEventSpecs, ...orderQueueEventSpecs]);

/** Types of the events that say what an order is. */
export const statusEventTypes = [
  ...([
    'OrderQueued',
    'OrderPlaced',
    'OrderRepeated',
    'OrderRejected',
    'OrderCancelled',
    'OrderExpired',
  ] as const),
  ...(['OrderPaid', 'LatePaymentRefused', 'TicketsIssued', 'OrderRefunded'] as const),
] satisfies readonly (SaleEvent | OrderQueueEvent)['type'][];

const isStatusType: ReadonlySet<string> = new Set(statusEventTypes);

export type KnownOrder = {
  readonly buyer: UserId;
  readonly revision: bigint;
  /** As it is written in Redis. */
  readonly value: string;
  /** When the last change came into the log. */
  readonly atMs: number;
  /** Tickets that were not given back for money. */
  readonly ticketsLeft: number;
  /** Of the events that made it. */
  readonly positions: bigint[];
};

export type StatusWindow = {
  /** Answers why it cannot be read, if so. Ignores what is about no order. */
  readonly take: (stored: StoredEvent) => string | undefined;
  readonly get: (orderNumber: OrderNumber) => KnownOrder | undefined;
  readonly orders: () => Iterable<readonly [OrderNumber, KnownOrder]>;
  /** Nothing that was taken so far was about an order that is asked for. */
  readonly isUntouched: () => boolean;
};

export type StatusWindowOptions = {
  /** Orders that are known however long ago they changed. */
  readonly watched: ReadonlySet<OrderNumber>;
  /** Events before are about watched orders, or about nothing that is asked for. */
  readonly sinceMs: number;
  readonly onChange: (orderNumber: OrderNumber, known: KnownOrder) => void;
};

export const createStatusWindow = ({ watched, sinceMs, onChange }: StatusWindowOptions): StatusWindow => {
  const watchedOrders = new Map<OrderNumber, KnownOrder>();
  /** Least lately changed first. */
  const recent = new Map<OrderNumber, KnownOrder>();
  let isUntouched = true;
  const mapOf = (orderNumber: OrderNumber) => (watched.has(orderNumber) ? watchedOrders : recent);

  const forgetBefore = (ms: number): void => {
    for (const [orderNumber, { atMs }] of recent) {
      if (atMs >= ms) return;
      recent.delete(orderNumber);
    }
  };

  const apply = (stored: StoredEvent): void => {
    const decoded = codec.decode(stored);
    if (decoded.kind === 'unknown') return;
    const { event } = decoded;
    forgetBefore(stored.recordedAtMs - STATUS_TTL_MS);
    const orderNumber = orderNumberOf(stored.data);
    const known = orderNumber && mapOf(orderNumber).get(orderNumber);
    const ticketsLeft = ticketsLeftAfter(known?.ticketsLeft ?? 0, event);
    if (known !== undefined && orderNumber !== undefined && ticketsLeft !== known.ticketsLeft) {
      mapOf(orderNumber).set(orderNumber, { ...known, ticketsLeft });
    }
    const change = changeOf(event, stored, ticketsLeft);
    const buyer = change?.buyer ?? known?.buyer;
    if (change === undefined || buyer === undefined) return;
    if (known !== undefined && known.revision >= change.revision) return;
    const positions = known?.positions ?? [];
    addPosition(positions, stored.position);
    const value = statusValueOf({ ...change, buyer });
    const { revision } = change;
    const next = { buyer, revision, value, atMs: stored.recordedAtMs, ticketsLeft, positions };
    const map = mapOf(change.orderNumber);
    map.delete(change.orderNumber);
    map.set(change.orderNumber, next);
    onChange(change.orderNumber, next);
  };

  return {
    take: (stored) => {
      if (!isStatusType.has(stored.type)) return undefined;
      const orderNumber = orderNumberOf(stored.data);
      if (stored.recordedAtMs < sinceMs && !(orderNumber !== undefined && watched.has(orderNumber))) {
        return undefined;
      }
      isUntouched = false;
      try {
        apply(stored);
        return undefined;
      } catch (error) {
        if (!(error instanceof CorruptEventError)) throw error;
        return error.message;
      }
    },
    get: (orderNumber) => mapOf(orderNumber).get(orderNumber),
    orders: function* () {
      yield* watchedOrders;
      yield* recent;
    },
    isUntouched: () => isUntouched,
  };
};

/** Before it is decoded: most orders of a long log are of no interest any more. */
const orderNumberOf = (data: unknown): OrderNumber | undefined => {
  if (typeof data !== 'object' || data === null || !('orderNumber' in data)) return undefined;
  const { orderNumber } = data;
  return typeof orderNumber === 'string' ? (orderNumber as OrderNumber) : undefined;
};

type StatusEvent = SaleEvent | OrderQueueEvent;

const ticketsLeftAfter = (before: number, event: StatusEvent): number => {
  if (event.type === 'OrderPlaced') return event.data.tickets.length;
  return event.type === 'OrderRefunded' ? before - event.data.tickets.length : before;
};

const changeOf = (
  event: StatusEvent,
  { stream, revision }: StoredEvent,
  ticketsLeft: number,
): OrderStatusWrite | undefined => {
  if (event.type === 'OrderQueued') return queuedWrite(event.data);
  const programId: ProgramId | undefined = programOfSaleStream(stream);
  if (programId === undefined) return undefined;
  if (event.type !== 'OrderRefunded') return statusChangeOf(undefined, programId, event, revision);
  const { orderNumber } = event.data;
  return ticketsLeft > 0 ? undefined : { programId, revision, orderNumber, status: 'refunded' };
};
