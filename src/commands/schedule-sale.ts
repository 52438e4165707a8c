/** Says when a program is sold. Its sale starts right away, so that the seat map is there before the first buyer. */
import type { ProgramRefusalCode, SaleWindow } from '../domain/program/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { keepSaleInStep, type SaleInStepDeps } from './keep-sale-in-step.ts';
import type { CommandContext } from './ports.ts';

export type ScheduleSaleRequest = { readonly programId: ProgramId; readonly window: SaleWindow };

export type ScheduleSaleAnswer =
  | { readonly kind: 'scheduled'; readonly window: SaleWindow }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };

/** Rejects as `keepSaleInStep` does: the sale may then be behind its program until somebody keeps it in step. */
export const scheduleSale = async (
  deps: SaleInStepDeps,
  { programId, window }: ScheduleSaleRequest,
  context: CommandContext,
): Promise<ScheduleSaleAnswer> => {
  const command = { type: 'ScheduleSale', programId, ...window, nowMs: deps.nowMs() } as const;
  const outcome = await deps.program(programId).submit(command, context);
  if (outcome.kind === 'refused') return outcome;
  await keepSaleInStep(deps, programId, context);
  return { kind: 'scheduled', window };
};
