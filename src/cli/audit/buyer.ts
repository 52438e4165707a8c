/** `seatlog audit buyer`: every order of a buyer. */
import { Command } from 'commander';
import type { OrderNumber, UserId } from '../../domain/shared/ids.ts';
import { orderNumber, userId } from './arguments.ts';
import { type AuditFlags, type AuditQuestionAsked, runAudit, withAuditOptions } from './asking.ts';

type Flags = AuditFlags & { readonly logOnly: boolean; readonly before?: OrderNumber };

const EXAMPLES = ['audit buyer ann-17', 'audit buyer ann-17 --log-only'];

export const buyerCommand = (): Command =>
  withAuditOptions(new Command('buyer'), EXAMPLES)
    .description('every order of a buyer with its program, status, money and places')
    .argument('<user>', 'the buyer', userId)
    .option('--log-only', 'from the log alone, though there is an index', false)
    .option('--before <number>', 'only orders older than this one', orderNumber)
    .action((user: UserId, flags: Flags) => runAudit(flags, () => question(user, flags)));

const question = (buyer: UserId, { logOnly, before }: Flags): AuditQuestionAsked => ({
  read: { question: 'buyer', subject: buyer, unmasked: false },
  usesSql: !logOnly,
  ask: async (audit, moment, asking) => {
    const { renderBuyer } = await import('../../audit/render/buyer.ts');
    const answer = await audit.buyer({ buyer, at: moment, before }, asking);
    return { kind: 'answer', audit: answer, render: () => renderBuyer(answer) };
  },
});
