/**
 * Writes into the log that another build of a read model became the live one, and by whose wish. The store that was
 * changed says so until the log does: a process that dies in between is made up for by whoever comes next.
 */
import { type OwedSwap, type ProjectionName, swapIdOf } from '../domain/projection/index.ts';
import type { ProjectionStream } from './skip-projection-event.ts';

/** Where swaps are owed. Its functions reject as the store does. */
export type SwapDebts = {
  /** In the order in which they were made. */
  readonly owed: () => Promise<readonly OwedSwap[]>;
  /** The log has it. */
  readonly forget: (swap: OwedSwap) => Promise<void>;
};

export type RecordSwapsDeps = {
  readonly projection: (name: ProjectionName) => Pick<ProjectionStream, 'submit'>;
  readonly debts: SwapDebts;
};

/**
 * Records what is owed and answers it. Rejects as `submit` and the store do; then the rest is still owed. However often
 * and by however many it is done, each swap is in the log once.
 */
export const recordOwedSwaps = async ({
  projection,
  debts,
}: RecordSwapsDeps): Promise<readonly OwedSwap[]> => {
  const owed = await debts.owed();
  for (const swap of owed) {
    const { actor, ...command } = swap;
    const swapId = swapIdOf(swap);
    const context = { commandId: swapId, correlationId: swapId, actor };
    await projection(swap.projection).submit(command, context);
    await debts.forget(swap);
  }
  return owed;
};
