/** Places an order in whichever mode is asked for: the four modes over the same parts. */
import type { DispatchDeps } from '../commands/dispatch/dispatch.ts';
import { createTurns } from '../commands/dispatch/turns.ts';
import { dispatchV1, type V1Answer, type V1Deps } from '../commands/dispatch/v1.ts';
import { dispatchV2 } from '../commands/dispatch/v2.ts';
import { dispatchV3 } from '../commands/dispatch/v3.ts';
import { dispatchV4, type QueuedAnswer, type V4Deps } from '../commands/dispatch/v4.ts';
import type { OrderRequest } from '../commands/place-order.ts';
import { type CommandContext, LockTimeoutError } from '../commands/ports.ts';
import { OverloadedError } from '../commands/warm-stream.ts';
import type { DispatchMode } from '../domain/shared/dispatch-mode.ts';
import type { ProgramId, UserId } from '../domain/shared/ids.ts';

export type Answer = V1Answer | QueuedAnswer | Awaited<ReturnType<typeof dispatchV3>>;

export type Dispatched = { readonly mode: DispatchMode; readonly answer: Answer };

export type OrderingDeps = DispatchDeps &
  Pick<V1Deps, 'locks' | 'freshSale' | 'untilReadable'> &
  Pick<V4Deps, 'lane' | 'queueTtlMs'> & {
    readonly modeOf: (programId: ProgramId, buyer: UserId) => Promise<DispatchMode>;
    /** Before the buyer is answered: from then on the order is asked for. Never rejects. */
    readonly onTaken: (request: OrderRequest, answer: Answer) => Promise<void>;
    /** Of every order, also one that failed. */
    readonly measure: (mode: DispatchMode, outcome: string, tookMs: number) => void;
  };

export type PlaceOrder = (
  mode: DispatchMode | 'configured',
  request: OrderRequest,
  context: CommandContext,
) => Promise<Dispatched>;

/** The function rejects as the modes do. */
export const createPlaceOrder = (deps: OrderingDeps): PlaceOrder => {
  const v1 = { ...deps, turns: createTurns() };
  const v2 = { ...deps, turns: createTurns() };
  const dispatch = (mode: DispatchMode, request: OrderRequest, context: CommandContext): Promise<Answer> => {
    switch (mode) {
      case 'v1':
        return dispatchV1(v1, request, context);
      case 'v2':
        return dispatchV2(v2, request, context);
      case 'v3':
        return dispatchV3(deps, request, context);
      case 'v4':
        return dispatchV4(deps, request, context);
    }
  };
  return async (asked, request, context) => {
    const startedMs = performance.now();
    const mode = asked === 'configured' ? await deps.modeOf(request.programId, request.buyer) : asked;
    const done = (outcome: string): void => deps.measure(mode, outcome, performance.now() - startedMs);
    try {
      const answer = await dispatch(mode, request, context);
      await deps.onTaken(request, answer);
      done(outcomeOf(answer));
      return { mode, answer };
    } catch (error) {
      done(failureOf(error));
      throw error;
    }
  };
};

const outcomeOf = (answer: Answer): string => {
  if (answer.kind === 'refused') return answer.code;
  return answer.kind === 'order_queued' ? 'queued' : 'placed';
};

const failureOf = (error: unknown): string => {
  if (error instanceof OverloadedError) return 'overloaded';
  return error instanceof LockTimeoutError ? 'busy' : 'failed';
};
