/**
 * Publishes a program with what it sells, and on demand its hours in the same go. What people are shown is
 * taken from the plan that the sale is started with.
 */
import {
  type ProgramDetails,
  type ProgramRefusalCode,
  programDecider,
  type SaleStatus,
  type SaleWindow,
} from '../domain/program/index.ts';
import { offerOf, type PlanContent, type SalePlanRefusalCode } from '../domain/sale-plan/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { keepSaleInStep, type SaleInStepDeps } from './keep-sale-in-step.ts';
import { type PlanSaleDeps, planOf, planSale } from './plan-sale.ts';
import type { CommandContext } from './ports.ts';

export type PublishProgramDeps = SaleInStepDeps & PlanSaleDeps;

export type PublishProgramRequest = {
  readonly programId: ProgramId;
  readonly details: ProgramDetails;
  readonly plan: PlanContent;
  /** Left out: the hours are said later. */
  readonly window?: SaleWindow | undefined;
};

export type PublishProgramAnswer =
  | { readonly kind: 'published'; readonly programId: ProgramId; readonly saleStatus: SaleStatus }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode | SalePlanRefusalCode };

/** Hours that no sale can have refuse the publication too. Rejects as `scheduleSale` does. */
export const publishProgram = async (
  deps: PublishProgramDeps,
  request: PublishProgramRequest,
  context: CommandContext,
): Promise<PublishProgramAnswer> => {
  const commands = commandsOf(request, deps.nowMs());
  const refused = await deps.program(request.programId).ask((state) => refusalAmong(commands, state));
  if (refused !== undefined) return refused;
  const planned = await planSale(deps, request.plan, context);
  if (planned.kind === 'refused') return planned;
  const program = deps.program(request.programId);
  const outcomes = await Promise.all(commands.map((command) => program.submit(command, context)));
  const changed = outcomes.find((outcome) => outcome.kind === 'refused');
  if (changed?.kind === 'refused') return changed;
  if (request.window !== undefined) await keepSaleInStep(deps, request.programId, context);
  const saleStatus = await program.ask((state) => (state.kind === 'published' ? state.sale : 'unscheduled'));
  return { kind: 'published', programId: request.programId, saleStatus };
};

type Command = Parameters<typeof programDecider.decide>[0];
type State = ReturnType<typeof programDecider.initial>;

const commandsOf = (request: PublishProgramRequest, nowMs: number): readonly Command[] => {
  const { programId, details, plan, window } = request;
  const offer = offerOf(planOf(plan));
  const publish: Command = { type: 'PublishProgram', programId, details, offer, nowMs };
  return window === undefined ? [publish] : [publish, { type: 'ScheduleSale', programId, ...window, nowMs }];
};

/** What they would be refused for one after the other, so that none is done where a later one cannot be. */
const refusalAmong = (commands: readonly Command[], from: State) => {
  let state = from;
  for (const command of commands) {
    const { outcome, events } = programDecider.decide(command, state);
    if (outcome.kind === 'refused') return outcome;
    state = events.reduce(programDecider.evolve, state);
  }
  return undefined;
};
