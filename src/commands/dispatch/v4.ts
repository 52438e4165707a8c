/**
 * v4: the gate, then the queue. The buyer is answered when OrderQueued is durable, and learns later what became of
 * it; the sequencer decides in the order of the queue.
 */
import type {
  OrderQueueCommand,
  OrderQueueOutcome,
  OrderQueueState,
  QueuedOrder,
} from '../../domain/order-queue/index.ts';
import type { Refused } from '../../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import { type OrderRequest, refusalOf, refused } from '../place-order.ts';
import type { CommandContext } from '../ports.ts';
import type { WarmStream } from '../warm-stream.ts';
import type { DispatchDeps } from './dispatch.ts';

export type QueueDeps = DispatchDeps & {
  readonly lane: (programId: ProgramId) => WarmStream<OrderQueueCommand, OrderQueueState, OrderQueueOutcome>;
  /** How long a queued order waits for its decision before it is abandoned. */
  readonly queueTtlMs: number;
};

export type QueuedAnswer =
  | { readonly kind: 'order_queued'; readonly orderNumber: OrderNumber; readonly deadlineMs: number }
  | Refused;

/** Rejects as the other modes do. The gate's place is kept until the sequencer has decided, or it is swept. */
export const dispatchV4 = async (
  deps: QueueDeps,
  request: OrderRequest,
  context: CommandContext,
): Promise<QueuedAnswer> => {
  const wrong = refusalOf(request);
  if (wrong !== undefined) return refused(wrong);
  const ticketUsers = await deps.ticketUsersOf(request);
  if (ticketUsers === undefined) return refused('unknown_ticket_user');
  const passage = await deps.gate.pass(request);
  if (passage.kind === 'refused') return passage;
  try {
    const nowMs = deps.nowMs();
    const orderNumber = deps.numbers.order(request.buyer, nowMs);
    const deadlineMs = nowMs + deps.queueTtlMs;
    const order: QueuedOrder = {
      orderNumber,
      programId: request.programId,
      buyer: request.buyer,
      requestId: request.requestId,
      ticketUsers,
      want: request.want,
      ...(request.expectedAmountMinor !== undefined && { expectedAmountMinor: request.expectedAmountMinor }),
      deadlineMs,
    };
    await deps.lane(request.programId).submit({ type: 'QueueOrder', order }, context);
    return { kind: 'order_queued', orderNumber, deadlineMs };
  } catch (error) {
    await passage.giveBack();
    throw error;
  }
};
