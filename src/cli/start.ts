/** `seatlog start`: runs the engine, with embedded stores where no URL names another. */
import { Command } from 'commander';
import { runEngine } from '../main.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('run the engine; settings come from the environment, see "seatlog config"')
    .option('--fresh', 'first delete all data of the embedded stores', false)
    .action(({ fresh }: { fresh: boolean }) => runEngine({ environment: process.env, fresh }));
}
