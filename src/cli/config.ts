/** `seatlog config`: shows the settings in force, or all there are, without starting anything. */
import { Command } from 'commander';
import { ConfigError, effectiveSettings, readConfig, settingsTable } from '../config.ts';
import { exitCodes } from './exit.ts';

const HELP = `
Examples:
  $ seatlog config               what the engine would run with, one NAME=value a line
  $ seatlog config --table       what can be set

Exit codes: 0 printed, 2 wrong usage, or settings that are wrong: each is named.`;

export function configCommand(): Command {
  return new Command('config')
    .description('print the settings in force, secrets and passwords masked')
    .option('--table', 'print every setting with its default and meaning instead, as Markdown', false)
    .addHelpText('after', HELP)
    .action(({ table }: { table: boolean }) => {
      try {
        console.log(table ? settingsTable() : effectiveSettings(readConfig(process.env)));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        console.error(error.message);
        process.exitCode = exitCodes.usage;
      }
    });
}
