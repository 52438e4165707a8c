/**
 * Brings a sale to where its program says it should be: started, with these hours, or ended. Program and sale
 * are two streams, so a crash may come between them; this can be done at any time, any number of times, by
 * anybody.
 */
import type { ProgramCommand, ProgramOutcome, ProgramState, SaleWindow } from '../domain/program/index.ts';
import type { SaleCommand, SaleOutcome } from '../domain/sale/index.ts';
import { planRefSchema, type SalePlanned, termsOf } from '../domain/sale-plan/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { sameData } from '../domain/shared/same-data.ts';
import type { SaleStream } from './dispatch/dispatch.ts';
import type { PlanStream } from './plan-sale.ts';
import type { CommandContext } from './ports.ts';
import { recall, type WarmStream } from './warm-stream.ts';

/** Each program change that comes in between costs one more; more than a few mean that something is wrong. */
const MAX_TRIES = 10;

export type ProgramStream = WarmStream<ProgramCommand, ProgramState, ProgramOutcome>;

export type SaleInStepDeps = {
  readonly program: (programId: ProgramId) => ProgramStream;
  readonly plan: (planRef: SalePlanned['planRef']) => Pick<PlanStream, 'peek' | 'ask'>;
  readonly sale: (programId: ProgramId) => Pick<SaleStream, 'submit'>;
  readonly nowMs: () => number;
};

type Aim =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'selling'; readonly layoutRef: string; readonly window: SaleWindow }
  | { readonly kind: 'ended' };

/** Rejects when the program names no plan that there is, and with what the streams reject with. */
export const keepSaleInStep = async (
  deps: SaleInStepDeps,
  programId: ProgramId,
  context: CommandContext,
): Promise<void> => {
  const { ask } = deps.program(programId);
  let aim = await ask(aimOf);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const outcomes = await tell(deps, programId, aim, context);
    // Only the last of two that tell the sale different things must have told it what holds now.
    const now = await ask(aimOf);
    if (sameData(aim, now)) return expectDone(outcomes, programId);
    aim = now;
  }
  throw new Error(`Program ${programId} changes faster than its sale can follow.`);
};

const aimOf = (program: ProgramState): Aim => {
  if (program.kind === 'unpublished') return { kind: 'nothing' };
  const { sale, window, offer } = program;
  if (sale === 'closed' || sale === 'cancelled') return { kind: 'ended' };
  if (window === null) return { kind: 'nothing' };
  return { kind: 'selling', layoutRef: offer.layoutRef, window };
};

/** What the sale answered; commands that are given together are decided one after the other. */
const tell = async (
  deps: SaleInStepDeps,
  programId: ProgramId,
  aim: Aim,
  context: CommandContext,
): Promise<readonly SaleOutcome[]> => {
  if (aim.kind === 'nothing') return [];
  const sale = deps.sale(programId);
  if (aim.kind === 'ended') return [await sale.submit({ type: 'EndSale', nowMs: deps.nowMs() }, context)];
  const plan = await findPlan(deps, aim.layoutRef);
  if (plan === undefined) throw new Error(`Program ${programId} names no plan: ${aim.layoutRef}.`);
  const commands: readonly SaleCommand[] = [
    { type: 'StartSale', terms: termsOf(plan, programId, aim.window) },
    { type: 'RescheduleSale', ...aim.window },
  ];
  return Promise.all(commands.map((command) => sale.submit(command, context)));
};

/** A plan never changes, so that one in memory is as good as one in the log. */
export const findPlan = async (
  { plan }: Pick<SaleInStepDeps, 'plan'>,
  layoutRef: string,
): Promise<SalePlanned | undefined> => {
  const planRef = planRefSchema.safeParse(layoutRef).data;
  if (planRef === undefined) return undefined;
  return recall(plan(planRef), (state) => (state.kind === 'planned' ? state.plan : undefined));
};

/**
 * A sale that never started has no end, and one that was started before is given its hours by the second
 * command.
 */
const expectDone = (outcomes: readonly SaleOutcome[], programId: ProgramId): void => {
  for (const outcome of outcomes) {
    if (outcome.kind !== 'refused') continue;
    const isExpected = outcome.code === 'sale_not_open' || outcome.code === 'sale_already_started';
    if (!isExpected) throw new Error(`The sale of program ${programId} refuses to follow: ${outcome.code}.`);
  }
};
