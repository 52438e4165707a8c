/** `seatlog stores`: runs the embedded stores alone, for engines that are started beside them with their URLs. */
import { Command } from 'commander';

export function storesCommand(): Command {
  return new Command('stores')
    .description('run the embedded stores without an engine, and print their URLs')
    .option('--fresh', 'first delete all data of the embedded stores', false)
    .action(async ({ fresh }: { fresh: boolean }) => {
      // Loaded on demand, as in `seatlog start`.
      const { runStores } = await import('../main.ts');
      await runStores({ environment: process.env, fresh });
    });
}
