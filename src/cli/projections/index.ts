/** `seatlog projections`: how the read models are, and building them anew, one file for each command. */
import { Command } from 'commander';
import { rebuildCommand } from './rebuild.ts';
import { retryCommand } from './retry.ts';
import { rollbackCommand } from './rollback.ts';
import { skipCommand } from './skip.ts';
import { statusCommand } from './status.ts';
import { verifyCommand } from './verify.ts';

const USAGE_EXIT_CODE = 2;

export const projectionsCommand = (): Command => {
  const commands = [
    statusCommand(),
    rebuildCommand(),
    verifyCommand(),
    rollbackCommand(),
    retryCommand(),
    skipCommand(),
  ];
  return commands.reduce(
    (group, command) => group.addCommand(exitingOnWrongUse(command)),
    exitingOnWrongUse(new Command('projections')).description(
      'read models in SQL and Redis: status, rebuild, verify, rollback, retry, skip',
    ),
  );
};

const exitingOnWrongUse = (command: Command): Command =>
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE));
