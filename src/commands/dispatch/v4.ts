/**
 * v4: the gate, then the queue. The buyer is answered when OrderQueued is durable, and learns later what became of
 * it; the sequencer decides in the order of the queue.
 */
import type {
  OrderQueueCommand,
  OrderQueueOutcome,
  OrderQueueState,
} from '../../domain/order-queue/index.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { OrderRequest } from '../place-order.ts';
import type { CommandContext } from '../ports.ts';
import type { WarmStream } from '../warm-stream.ts';
import { behindGate, type DispatchDeps, type GateRefused } from './dispatch.ts';

export type V4Deps = DispatchDeps & {
  readonly lane: (programId: ProgramId) => WarmStream<OrderQueueCommand, OrderQueueState, OrderQueueOutcome>;
  /** How long a queued order waits for its decision before it is abandoned. */
  readonly queueTtlMs: number;
};

export type QueuedAnswer = {
  readonly kind: 'order_queued';
  readonly orderNumber: OrderNumber;
  readonly deadlineMs: number;
};

/** Rejects as `prepareOrder` does. What the gate set aside is kept until the order is decided, or it is swept. */
export const dispatchV4 = (
  deps: V4Deps,
  request: OrderRequest,
  context: CommandContext,
): Promise<QueuedAnswer | GateRefused> =>
  behindGate(deps, request, async (command): Promise<QueuedAnswer> => {
    const { type: _, nowMs, queue: __, ...asked } = command;
    const deadlineMs = nowMs + deps.queueTtlMs;
    const order = { ...asked, programId: request.programId, deadlineMs };
    const dispatched = { ...context, mode: 'v4' } as const;
    await deps.lane(request.programId).submit({ type: 'QueueOrder', order }, dispatched);
    return { kind: 'order_queued', orderNumber: order.orderNumber, deadlineMs };
  });
