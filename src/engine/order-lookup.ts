/**
 * Finds an order for its buyer wherever it is known already: in Redis, in SQL, and before both have heard of it, in
 * the memory of the process that took it. A number that is new and its buyer's is waited for, as another process may
 * have taken the order. So nobody is told that an order is not there which was just acknowledged.
 */
import { LRUCache } from 'lru-cache';
import type { OrderStatusView } from '../api/orders/index.ts';
import { OverloadedError } from '../commands/warm-stream.ts';
import type { OrderNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import { decodeNumber, geneOf } from '../domain/shared/order-number.ts';
import type { OrderStatuses } from '../live/order-statuses.ts';
import type { Order } from '../projections/orders/index.ts';

const MAX_TAKEN = 100_000;
const FIRST_LOOK_MS = 50;
const MAX_LOOK_MS = 500;
/** Covers the way of an order to its answer, the locks of v1 and v2 included, and read models that lag behind it. */
const NEW_FOR_MS = 30_000;

/** An order as it was acknowledged here. */
export type TakenOrder = OrderStatusView & { readonly buyer: UserId };

export type OrderLookupDeps = {
  readonly live: Pick<OrderStatuses, 'read'>;
  readonly stored: (orderNumber: OrderNumber, buyer: UserId) => Promise<Order | undefined>;
  /** Whoever's it is. */
  readonly storedProgram: (orderNumber: OrderNumber) => Promise<ProgramId | undefined>;
  /** As for v1. */
  readonly untilReadable: (orderNumber: OrderNumber) => Promise<boolean>;
  /** Resolves early when the signal fires. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
};

/**
 * Another buyer's order is not found. All reject with what the database rejects with, and with OverloadedError for an
 * order that is known, or new and the buyer's by its number, while the read models are too late to show it.
 */
export type OrderLookup = {
  readonly remember: (order: TakenOrder) => void;
  readonly statusOf: (orderNumber: OrderNumber, buyer: UserId) => Promise<OrderStatusView | undefined>;
  /** What it is now, then every change that is seen, until the signal fires. */
  readonly watchStatus: (
    orderNumber: OrderNumber,
    buyer: UserId,
    signal: AbortSignal,
  ) => AsyncIterable<OrderStatusView>;
  /** Without a buyer whoever's it is. */
  readonly programOf: (orderNumber: OrderNumber, buyer?: UserId) => Promise<ProgramId | undefined>;
  /**
   * Waits a little for the read models where the order, or its decision, is known to be on its way there: whoever was
   * told that it is decided is not shown a queued one.
   */
  readonly orderOfBuyer: (orderNumber: OrderNumber, buyer: UserId) => Promise<Order | undefined>;
};

export const createOrderLookup = (deps: OrderLookupDeps): OrderLookup => {
  const taken = new LRUCache<OrderNumber, TakenOrder>({ max: MAX_TAKEN });

  const storedInTime = async (orderNumber: OrderNumber, buyer: UserId): Promise<Order | undefined> => {
    const stored = await deps.stored(orderNumber, buyer);
    if (stored !== undefined || !isNewOf(buyer, orderNumber, deps.nowMs())) return stored;
    return storedWhenReadable(orderNumber, buyer);
  };

  /** Nobody is told that an order is not there when nobody knows that. */
  const storedWhenReadable = async (orderNumber: OrderNumber, buyer: UserId): Promise<Order | undefined> => {
    const isDecided = await deps.untilReadable(orderNumber);
    const stored = await deps.stored(orderNumber, buyer);
    // One that is still queued may have come to be shown meanwhile.
    if (isDecided || stored !== undefined) return stored;
    throw lateError(orderNumber);
  };

  const storedWhenDecided = async (orderNumber: OrderNumber, buyer: UserId): Promise<Order | undefined> => {
    if (await deps.untilReadable(orderNumber)) return deps.stored(orderNumber, buyer);
    throw lateError(orderNumber);
  };

  const statusOf: OrderLookup['statusOf'] = async (orderNumber, buyer) => {
    const live = await deps.live.read(orderNumber);
    if (live !== undefined) {
      const { of: repeats = null, ...status } = live;
      return live.buyer === buyer ? { orderNumber, ...status, repeats } : undefined;
    }
    const own = taken.get(orderNumber);
    if (own === undefined) return storedInTime(orderNumber, buyer);
    return (await deps.stored(orderNumber, buyer)) ?? (own.buyer === buyer ? own : undefined);
  };

  return {
    remember: (order) => {
      taken.set(order.orderNumber, order);
    },
    statusOf,
    watchStatus: async function* (orderNumber, buyer, signal) {
      let shown: Order['status'] | undefined;
      for (let waitMs = FIRST_LOOK_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, MAX_LOOK_MS)) {
        const now = await statusOf(orderNumber, buyer).catch(undefinedIfOverloaded);
        if (now !== undefined && now.status !== shown) {
          shown = now.status;
          yield now;
        }
        await deps.sleep(waitMs, signal);
      }
    },
    programOf: async (orderNumber, buyer) => {
      const known = taken.get(orderNumber) ?? (await deps.live.read(orderNumber));
      if (known !== undefined)
        return buyer === undefined || known.buyer === buyer ? known.programId : undefined;
      if (buyer === undefined) return deps.storedProgram(orderNumber);
      return (await storedInTime(orderNumber, buyer))?.programId;
    },
    orderOfBuyer: async (orderNumber, buyer) => {
      const stored = await deps.stored(orderNumber, buyer);
      if (stored !== undefined && stored.status !== 'queued') return stored;
      const known = (await deps.live.read(orderNumber)) ?? taken.get(orderNumber);
      if (known === undefined) return stored ?? storedInTime(orderNumber, buyer);
      if (known.buyer !== buyer) return undefined;
      if (known.status !== 'queued') return storedWhenDecided(orderNumber, buyer);
      // It may wait for its decision longer than anybody waits for this answer.
      return stored ?? storedWhenReadable(orderNumber, buyer);
    },
  };
};

const lateError = (orderNumber: OrderNumber): OverloadedError =>
  new OverloadedError(`the read models are too late to show order ${orderNumber}`);

const undefinedIfOverloaded = (error: unknown): undefined => {
  if (!(error instanceof OverloadedError)) throw error;
};

const isNewOf = (buyer: UserId, orderNumber: OrderNumber, nowMs: number): boolean => {
  const { gene, timeMs } = decodeNumber(orderNumber);
  return gene === geneOf(buyer) && Math.abs(nowMs - timeMs) < NEW_FOR_MS;
};
