/** `seatlog stores`: runs the embedded stores alone, for engines that are started beside them with their URLs. */
import { Command } from 'commander';

const HELP = `
Examples:
  $ seatlog stores
  $ SEATLOG_DATA_DIR=/var/lib/seatlog seatlog stores --fresh   elsewhere, and from nothing

Ctrl-C or SIGTERM ends them in order, within SEATLOG_SHUTDOWN_GRACE_MS; a second one at once.

Exit codes: 0 ended by a signal, 1 they could not start or go on, 2 wrong usage or settings,
128 + n ended at once by a second signal n.`;

export function storesCommand(): Command {
  return new Command('stores')
    .description('run the embedded stores without an engine, and print their URLs')
    .option('--fresh', 'first delete all data of the embedded stores', false)
    .addHelpText('after', HELP)
    .action(async ({ fresh }: { fresh: boolean }) => {
      // Loaded on demand, as in `seatlog start`.
      const { runStores } = await import('../main.ts');
      await runStores({ environment: process.env, fresh });
    });
}
