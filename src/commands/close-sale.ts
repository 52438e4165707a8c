/** Ends the selling of a program for good. Orders that were placed may still be paid. */
import type { CloseReason, ProgramRefusalCode } from '../domain/program/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { keepSaleInStep, type SaleInStepDeps } from './keep-sale-in-step.ts';
import type { CommandContext } from './ports.ts';

export type CloseSaleRequest = { readonly programId: ProgramId; readonly reason: CloseReason };

export type CloseSaleAnswer =
  | { readonly kind: 'closed' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };

/** Rejects as `scheduleSale` does. */
export const closeSale = async (
  deps: SaleInStepDeps,
  { programId, reason }: CloseSaleRequest,
  context: CommandContext,
): Promise<CloseSaleAnswer> => {
  const command = { type: 'CloseSale', programId, reason, nowMs: deps.nowMs() } as const;
  const outcome = await deps.program(programId).submit(command, context);
  if (outcome.kind === 'refused') return outcome;
  await keepSaleInStep(deps, programId, context);
  return { kind: 'closed' };
};
