/** `seatlog audit`: answers from the log that can be checked, one file for each question. */
import { Command } from 'commander';
import { buyerCommand } from './buyer.ts';
import { checkReportCommand } from './check-report.ts';
import { orderCommand } from './order.ts';
import { programCommand } from './program.ts';
import { replayCommand } from './replay.ts';
import { seatCommand } from './seat.ts';
import { verifyCommand } from './verify.ts';

export const auditCommand = (): Command =>
  new Command('audit')
    .description('what happened, from the log: orders, seats, buyers, programs, and the proof')
    .addCommand(orderCommand())
    .addCommand(seatCommand())
    .addCommand(buyerCommand())
    .addCommand(programCommand())
    .addCommand(replayCommand())
    .addCommand(verifyCommand())
    .addCommand(checkReportCommand());
