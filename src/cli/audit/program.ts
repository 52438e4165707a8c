/** `seatlog audit program`: stock, holds, orders and money at a moment. */
import { Command } from 'commander';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { programId } from './arguments.ts';
import { type AuditFlags, type AuditQuestionAsked, runAudit, withAuditOptions } from './asking.ts';

export const programCommand = (): Command =>
  withAuditOptions(new Command('program'))
    .description('stock, holds, orders and money of a program as they stood at a moment (--at; else now)')
    .argument('<program>', 'the program', programId)
    .action((program: ProgramId, flags: AuditFlags) => runAudit(flags, () => question(program)));

const question = (program: ProgramId): AuditQuestionAsked => ({
  read: { question: 'program', subject: program, unmasked: false },
  usesSql: false,
  ask: async (audit, moment, asking) => {
    const { renderProgram } = await import('../../audit/render/program.ts');
    const answer = await audit.program({ programId: program, at: moment }, asking);
    if (answer.kind === 'refused') return answer;
    return { kind: 'answer', audit: answer.audit, render: () => renderProgram(answer.audit) };
  },
});
