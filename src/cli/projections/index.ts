/** `seatlog projections`: how the read models are, and building them anew, one file for each command. */
import { Command } from 'commander';
import { rebuildCommand } from './rebuild.ts';
import { retryCommand } from './retry.ts';
import { rollbackCommand } from './rollback.ts';
import { skipCommand } from './skip.ts';
import { statusCommand } from './status.ts';
import { verifyCommand } from './verify.ts';

export const projectionsCommand = (): Command =>
  new Command('projections')
    .description('read models in SQL and Redis: status, rebuild, verify, rollback, retry, skip')
    .addCommand(statusCommand())
    .addCommand(rebuildCommand())
    .addCommand(verifyCommand())
    .addCommand(rollbackCommand())
    .addCommand(retryCommand())
    .addCommand(skipCommand());
