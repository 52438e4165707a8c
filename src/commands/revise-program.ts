/** Changes what a program says of itself, and, before its hours are said, what it sells. */
import type { ProgramDetails, ProgramRefusalCode } from '../domain/program/index.ts';
import { offerOf, type PlanContent, type SalePlanRefusalCode } from '../domain/sale-plan/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import type { ProgramStream } from './keep-sale-in-step.ts';
import { type PlanSaleDeps, planSale } from './plan-sale.ts';
import type { CommandContext } from './ports.ts';

export type ReviseProgramDeps = PlanSaleDeps & {
  readonly program: (programId: ProgramId) => ProgramStream;
  readonly nowMs: () => number;
};

export type ReviseProgramRequest = {
  readonly programId: ProgramId;
  readonly details: ProgramDetails;
  readonly plan: PlanContent;
};

export type ReviseProgramAnswer =
  | { readonly kind: 'revised' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode | SalePlanRefusalCode };

/** Rejects as `submit` does. */
export const reviseProgram = async (
  deps: ReviseProgramDeps,
  { programId, details, plan }: ReviseProgramRequest,
  context: CommandContext,
): Promise<ReviseProgramAnswer> => {
  const program = deps.program(programId);
  // A plan is for programs that there are: kept for nobody it would stay for ever.
  const isThere = await program.ask(({ kind }) => kind === 'published');
  if (!isThere) return { kind: 'refused', code: 'program_not_found' };
  const planned = await planSale(deps, plan, context);
  if (planned.kind === 'refused') return planned;
  const command = {
    type: 'ReviseProgram',
    programId,
    details,
    offer: offerOf(planned.plan),
    nowMs: deps.nowMs(),
  } as const;
  const outcome = await program.submit(command, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'revised' };
};
