/**
 * v1: one order of a program at a time. Turns in the process, then a lock around reading the sale afresh, deciding
 * and appending; the buyer is answered when the read models show the order, or when they take too long.
 */
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { OrderAnswer, OrderRequest } from '../place-order.ts';
import type { CommandContext, Locks } from '../ports.ts';
import { type DispatchDeps, decideOrder, prepareOrder, type SaleStream } from './dispatch.ts';
import type { Turns } from './turns.ts';

export type V1Deps = DispatchDeps & {
  readonly locks: Locks;
  readonly turns: Turns;
  /** The sale, brought up to the end of the log before it decides. */
  readonly freshSale: (programId: ProgramId) => SaleStream;
  /** Resolves when the order can be read everywhere, or to false when it takes longer than the engine waits. */
  readonly untilReadable: (orderNumber: OrderNumber) => Promise<boolean>;
};

/** `readable` tells whether the read models have the order by now; it is placed either way. */
export type V1Answer = OrderAnswer & { readonly readable?: boolean };

/** Rejects as `prepareOrder` and `decideOrder` do, and with LockTimeoutError. */
export const dispatchV1 = async (
  deps: V1Deps,
  request: OrderRequest,
  context: CommandContext,
): Promise<V1Answer> => {
  const prepared = await prepareOrder(deps, request);
  if (prepared.kind === 'refused') return prepared;
  const { programId } = request;
  const dispatched = { ...context, mode: 'v1' } as const;
  const name = `lock:{${programId}}`;
  const answer = await deps.turns.take(name, () =>
    deps.locks.holding([name], () => decideOrder(deps.freshSale(programId), prepared.command, dispatched)),
  );
  if (answer.kind === 'refused') return answer;
  return { ...answer, readable: await deps.untilReadable(answer.orderNumber) };
};
