/** `seatlog start`: runs the engine, with embedded stores where no URL names another. */
import { Command } from 'commander';

const HELP = `
Examples:
  $ seatlog start                                  with stores of its own, whose data stay in .data/
  $ SEATLOG_HTTP_PORT=9000 seatlog start --fresh   on another port, and from nothing

Ctrl-C or SIGTERM ends it in order, within SEATLOG_SHUTDOWN_GRACE_MS; a second one at once.

Exit codes: 0 ended by a signal, 1 it could not start or go on, 2 wrong usage or settings,
128 + n ended at once by a second signal n.`;

export function startCommand(): Command {
  return new Command('start')
    .description('run the engine; settings come from the environment: see "seatlog config --table"')
    .option('--fresh', 'first delete all data of the embedded stores', false)
    .addHelpText('after', HELP)
    .action(async ({ fresh }: { fresh: boolean }) => {
      // Loaded on demand: the other commands, each a process of its own, need none of the engine's packages.
      const { runEngine } = await import('../main.ts');
      await runEngine({ environment: process.env, fresh });
    });
}
