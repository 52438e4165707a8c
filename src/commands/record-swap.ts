/** Writes into the log that another build of a read model became the live one, and by whose wish. */
import type { ProjectionName, RecordRebuild, RecordRollback } from '../domain/projection/index.ts';
import type { CommandContext } from './ports.ts';
import type { ProjectionStream } from './skip-projection-event.ts';

export type RecordSwapDeps = {
  readonly projection: (name: ProjectionName) => Pick<ProjectionStream, 'submit'>;
  readonly nowMs: () => number;
};

export type SwapRequest =
  | Pick<RecordRebuild, 'type' | 'projection' | 'rebuilt'>
  | Pick<RecordRollback, 'type' | 'projection' | 'rolledBack'>;

/** Rejects as `submit` does; repeating it is safe. */
export const recordSwap = async (
  deps: RecordSwapDeps,
  swap: SwapRequest,
  context: CommandContext,
): Promise<void> => {
  await deps.projection(swap.projection).submit({ ...swap, nowMs: deps.nowMs() }, context);
};
