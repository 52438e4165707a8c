/** `seatlog start`: runs the engine, with embedded stores where no URL names another. */
import { Command } from 'commander';

export function startCommand(): Command {
  return new Command('start')
    .description('run the engine; settings come from the environment, see "seatlog config"')
    .option('--fresh', 'first delete all data of the embedded stores', false)
    .action(async ({ fresh }: { fresh: boolean }) => {
      // Loaded on demand: the other commands, each a process of its own, need none of the engine's packages.
      const { runEngine } = await import('../main.ts');
      await runEngine({ environment: process.env, fresh });
    });
}
