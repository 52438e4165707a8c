/** `seatlog audit order`: what happened to an order. */
import { Command } from 'commander';
import { type OrderNumber, orderNumberSchema, type ProgramId } from '../../domain/shared/ids.ts';
import { UsageError } from '../running-stores.ts';
import { orderNumber, programId } from './arguments.ts';
import { type AuditFlags, type AuditQuestionAsked, runAudit, withAuditOptions } from './asking.ts';

type Flags = AuditFlags & {
  readonly unmasked: boolean;
  readonly logOnly: boolean;
  readonly program?: ProgramId;
};

const EXAMPLES = [
  'audit order 250260965017255980',
  'audit order 250260965017255980 --at 20:03 --json',
  'audit order 250260965017255980 --unmasked --reason "complaint 4711"',
];

export const orderCommand = (): Command =>
  withAuditOptions(new Command('order'), EXAMPLES)
    .description('every event that touched an order, with the state behind each, its money and its places')
    .argument('<number>', 'the order number', orderNumber)
    .option('--unmasked', 'names and id numbers in clear; needs the master keys and --reason', false)
    .option('--log-only', 'from the log alone, though there is an index', false)
    .option('--program <id>', 'its program: quicker without the index', programId)
    .action((number: OrderNumber, flags: Flags) => runAudit(flags, () => question(number, flags)));

const question = (number: OrderNumber, { unmasked, reason, logOnly, program }: Flags): AuditQuestionAsked => {
  if (unmasked && reason === undefined) throw new UsageError('error: --unmasked needs a --reason.');
  return {
    read: { question: 'order', subject: orderNumberSchema.parse(number), unmasked },
    usesSql: true,
    useIndex: !logOnly,
    ask: async (audit, moment, asking) => {
      const { renderOrder } = await import('../../audit/render/order.ts');
      const asked = { orderNumber: number, at: moment, programId: program, unmasked };
      const answer = await audit.order(asked, asking);
      if (answer.kind === 'refused') return answer;
      return { kind: 'answer', audit: answer.audit, render: () => renderOrder(answer.audit) };
    },
  };
};
