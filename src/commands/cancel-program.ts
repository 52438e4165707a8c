/** The show does not happen: its sale ends here and now, and whoever paid is refunded by the process that follows. */
import type { ProgramRefusalCode } from '../domain/program/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { keepSaleInStep, type SaleInStepDeps } from './keep-sale-in-step.ts';
import type { CommandContext } from './ports.ts';

export type CancelProgramRequest = { readonly programId: ProgramId; readonly reason: string };

export type CancelProgramAnswer =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };

/** Rejects as `scheduleSale` does. */
export const cancelProgram = async (
  deps: SaleInStepDeps,
  { programId, reason }: CancelProgramRequest,
  context: CommandContext,
): Promise<CancelProgramAnswer> => {
  const command = { type: 'CancelProgram', programId, reason, nowMs: deps.nowMs() } as const;
  const outcome = await deps.program(programId).submit(command, context);
  if (outcome.kind === 'refused') return outcome;
  await keepSaleInStep(deps, programId, context);
  return { kind: 'cancelled' };
};
