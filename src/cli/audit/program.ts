/** `seatlog audit program`: stock, holds, orders and money at a moment. */
import { Command } from 'commander';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { programId } from './arguments.ts';
import { type AuditFlags, type AuditQuestionAsked, runAudit, withAuditOptions } from './asking.ts';

type Flags = AuditFlags & { readonly logOnly: boolean };

const EXAMPLES = ['audit program swan-lake', 'audit program swan-lake --at position:48213 --json'];

export const programCommand = (): Command =>
  withAuditOptions(new Command('program'), EXAMPLES)
    .description('stock, holds, orders and money of a program as they stood at a moment (--at; else now)')
    .argument('<program>', 'the program', programId)
    .option('--log-only', 'from the log alone, though there is an index', false)
    .action((program: ProgramId, flags: Flags) => runAudit(flags, () => question(program, flags)));

const question = (program: ProgramId, { logOnly }: Flags): AuditQuestionAsked => ({
  read: { question: 'program', subject: program, unmasked: false },
  usesSql: !logOnly,
  ask: async (audit, moment, asking) => {
    const { renderProgram } = await import('../../audit/render/program.ts');
    const answer = await audit.program({ programId: program, at: moment }, asking);
    if (answer.kind === 'refused') return answer;
    return { kind: 'answer', audit: answer.audit, render: () => renderProgram(answer.audit) };
  },
});
