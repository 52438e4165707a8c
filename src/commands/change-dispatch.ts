/** Changes in which modes the orders of a program are dispatched, while it is sold. */
import type { ProgramRefusalCode } from '../domain/program/index.ts';
import type { DispatchSplit } from '../domain/shared/dispatch-mode.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import type { OpenSaleDeps } from './open-sale.ts';
import type { CommandContext } from './ports.ts';

export type ChangeDispatchRequest = {
  readonly programId: ProgramId;
  /** Null follows the engine's own setting again. */
  readonly split: DispatchSplit | null;
};

export type ChangeDispatchAnswer =
  | { readonly kind: 'dispatch_changed' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };

/** Rejects as `submit` does. */
export const changeDispatch = async (
  deps: OpenSaleDeps,
  { programId, split }: ChangeDispatchRequest,
  context: CommandContext,
): Promise<ChangeDispatchAnswer> => {
  const command = { type: 'ChangeDispatchMode', programId, split, nowMs: deps.nowMs() } as const;
  const outcome = await deps.program(programId).submit(command, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'dispatch_changed' };
};
