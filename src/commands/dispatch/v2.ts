/**
 * v2: orders of one ticket category at a time. In-process turns first, so that a node has one contender for the lock
 * that nodes share; the sale is warm, and the buyer is answered when OrderPlaced is durable.
 */
import type { OrderAnswer, OrderRequest } from '../place-order.ts';
import type { CommandContext, Locks } from '../ports.ts';
import { type DispatchDeps, decideOrder, prepareOrder } from './dispatch.ts';
import type { Turns } from './turns.ts';

export type V2Deps = DispatchDeps & { readonly locks: Locks; readonly turns: Turns };

/** Rejects as `prepareOrder` and `decideOrder` do, and with LockTimeoutError. */
export const dispatchV2 = async (
  deps: V2Deps,
  request: OrderRequest,
  context: CommandContext,
): Promise<OrderAnswer> => {
  const prepared = await prepareOrder(deps, request);
  if (prepared.kind === 'refused') return prepared;
  const name = lockName(request);
  const dispatched = { ...context, mode: 'v2' } as const;
  return deps.turns.take(name, () =>
    deps.locks.holding([name], () => decideOrder(deps.sale(request.programId), prepared.command, dispatched)),
  );
};

/** Whoever names seats or brings a hold may touch any category: these take turns among themselves. */
const lockName = ({ programId, want }: OrderRequest): string =>
  `lock:{${programId}}:${want.by === 'category' ? want.category : want.by}`;
