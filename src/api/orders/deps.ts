/**
 * What the order endpoints need of the engine, as functions: they know neither stores nor how a mode works.
 */
import type { OrderRequest } from '../../commands/place-order.ts';
import type { CommandContext } from '../../commands/ports.ts';
import type { OrderPlacedOutcome, OrderStatus, SaleTerms, SeatNames } from '../../domain/sale/index.ts';
import type { DispatchMode } from '../../domain/shared/dispatch-mode.ts';
import type { OrderNumber, ProgramId, UserId } from '../../domain/shared/ids.ts';
import type { CursorRefused, Page } from '../../projections/cursor.ts';
import type { Order, OrdersOfBuyer } from '../../projections/orders/queries.ts';
import type { RefusalCode } from '../refusals.ts';

export type OrderRefused = {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** With `sold_out`: how many places are left. */
  readonly left?: number | undefined;
};

export type OrderPlaced = OrderPlacedOutcome & {
  /** v1 only: whether the read models have the order by now. */
  readonly readable?: boolean | undefined;
};

export type OrderQueued = {
  readonly kind: 'order_queued';
  readonly orderNumber: OrderNumber;
  readonly deadlineMs: number;
};

export type Dispatched = {
  readonly mode: DispatchMode;
  readonly answer: OrderPlaced | OrderQueued | OrderRefused;
};

/** Never changes while the sale runs. */
export type Hall = {
  readonly terms: Pick<SaleTerms, 'currency' | 'layout'>;
  readonly names: Pick<SeatNames, 'nameOf'>;
};

export type OrderStatusView = {
  readonly orderNumber: OrderNumber;
  readonly programId: ProgramId;
  readonly status: OrderStatus;
  readonly refusal?: string | null | undefined;
  readonly deadlineMs?: number | null | undefined;
  /** Of a repeated request: the order that it had led to before. */
  readonly repeats?: OrderNumber | null | undefined;
};

export type OrdersDeps = {
  readonly placeOrder: (
    mode: DispatchMode | 'configured',
    request: OrderRequest,
    context: CommandContext,
  ) => Promise<Dispatched>;
  /** Undefined before the sale has started. */
  readonly hallOf: (programId: ProgramId) => Promise<Hall | undefined>;
  /** Undefined also for an order of somebody else; so are the others below. */
  readonly statusOf: (orderNumber: OrderNumber, buyer: UserId) => Promise<OrderStatusView | undefined>;
  /** Begins with what it is now, so that no change is missed; ends when the signal aborts. */
  readonly watchStatus: (
    orderNumber: OrderNumber,
    buyer: UserId,
    signal: AbortSignal,
  ) => AsyncIterable<OrderStatusView>;
  readonly orderOfBuyer: (orderNumber: OrderNumber, buyer: UserId) => Promise<Order | undefined>;
  readonly ordersOfBuyer: (asked: OrdersOfBuyer) => Promise<Page<Order> | CursorRefused>;
  readonly cancelOrder: (
    orderNumber: OrderNumber,
    buyer: UserId,
    context: CommandContext,
  ) => Promise<{ readonly kind: 'order_cancelled'; readonly orderNumber: OrderNumber } | OrderRefused>;
};
