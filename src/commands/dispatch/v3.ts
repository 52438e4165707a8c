/**
 * v3: no lock. The gate turns away who has no chance, the sale's group commit decides the rest, and the buyer is
 * answered when OrderPlaced is durable.
 */
import type { OrderAnswer, OrderRequest } from '../place-order.ts';
import type { CommandContext } from '../ports.ts';
import { behindGate, type DispatchDeps, decideOrder, type GateRefused } from './dispatch.ts';

/** Rejects as `prepareOrder` and `decideOrder` do. */
export const dispatchV3 = (
  deps: DispatchDeps,
  request: OrderRequest,
  context: CommandContext,
): Promise<OrderAnswer | GateRefused> =>
  behindGate(deps, request, (command) =>
    decideOrder(deps.sale(request.programId), command, { ...context, mode: 'v3' }),
  );
