/**
 * Four programs to try the engine with, on sale from the first start on. They are published by the same
 * commands that operators use, and under fixed ids, so that a second start finds them.
 */
import type { CommandContext } from '../commands/ports.ts';
import { type PublishProgramDeps, publishProgram } from '../commands/publish-program.ts';
import { scheduleSale } from '../commands/schedule-sale.ts';
import type { SaleWindow } from '../domain/program/index.ts';
import { type ProgramId, programIdSchema } from '../domain/shared/ids.ts';
import { type DemoProgram, demoFestival, demoHall, demoMixed, demoTheatre } from './halls.ts';

const DAY_MS = 86_400_000;
const ON_SALE_DAYS = 60;
const CONTEXT: CommandContext = { commandId: 'demo', correlationId: 'demo', actor: 'demo' };

export const DEMO_PROGRAMS: readonly DemoProgram[] = [demoHall, demoTheatre, demoFestival, demoMixed];

export type DemoOutcome = {
  readonly programId: ProgramId;
  readonly outcome: 'published' | 'scheduled' | 'there_already';
};

/**
 * What is missing of them is published, what is there stays as it is; several nodes may do so at a time.
 * Rejects as `publishProgram` does, and when what is missing is refused.
 */
export const publishDemoPrograms = async (
  deps: PublishProgramDeps,
  nowMs: number,
): Promise<readonly DemoOutcome[]> =>
  Promise.all(DEMO_PROGRAMS.map((demo) => publishDemo(deps, demo, nowMs)));

const publishDemo = async (
  deps: PublishProgramDeps,
  demo: DemoProgram,
  nowMs: number,
): Promise<DemoOutcome> => {
  const programId = programIdSchema.parse(demo.id);
  const window: SaleWindow = { opensAtMs: nowMs, closesAtMs: nowMs + ON_SALE_DAYS * DAY_MS };
  const found = await deps.program(programId).ask((state) => {
    if (state.kind === 'unpublished') return 'nothing';
    return state.sale === 'unscheduled' ? 'unscheduled' : 'all';
  });
  if (found === 'all') return { programId, outcome: 'there_already' };
  if (found === 'unscheduled') {
    const answer = await scheduleSale(deps, { programId, window }, CONTEXT);
    if (answer.kind === 'refused') throw new Error(`Demo program ${programId}: ${answer.code}.`);
    return { programId, outcome: 'scheduled' };
  }
  const { details, plan } = demo.make(window.closesAtMs);
  const answer = await publishProgram(deps, { programId, details, plan, window }, CONTEXT);
  if (answer.kind === 'published') return { programId, outcome: 'published' };
  // Another node was faster, with hours of its own.
  if (answer.code === 'program_already_published') return { programId, outcome: 'there_already' };
  throw new Error(`Demo program ${programId}: ${answer.code}.`);
};
