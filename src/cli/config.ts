/** `seatlog config`: shows the settings in force, or all there are, without starting anything. */
import { Command } from 'commander';
import { ConfigError, effectiveSettings, readConfig, settingsTable } from '../config.ts';

const WRONG_ENVIRONMENT_EXIT_CODE = 2;

export function configCommand(): Command {
  return new Command('config')
    .description('print the settings in force, passwords masked')
    .option('--table', 'print every setting with its default and meaning instead, as Markdown', false)
    .action(({ table }: { table: boolean }) => {
      try {
        console.log(table ? settingsTable() : effectiveSettings(readConfig(process.env)));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        console.error(error.message);
        process.exitCode = WRONG_ENVIRONMENT_EXIT_CODE;
      }
    });
}
