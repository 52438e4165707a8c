/** `seatlog projections rollback`: the version before, brought up to date, becomes the live one again. */
import { Command } from 'commander';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { ask, canAsk } from './ask.ts';
import { BY_OPTION } from './by.ts';
import { EXIT_CODES_HELP, exitCodes, RefusedError } from './exit.ts';
import { run } from './run.ts';

type Flags = StoreFlags & { readonly by: string; readonly yes: boolean };

const EXAMPLES = `
Examples:
  $ seatlog projections rollback orders
  $ seatlog projections rollback orders --yes          without asking

The version that is replaced is kept, so that a second rollback goes forward again. Of Redis, one that was interrupted is
finished by the next.
${EXIT_CODES_HELP}`;

export const rollbackCommand = (): Command =>
  withStoreOptions(new Command('rollback'))
    .description('swap the version before the last rebuild back, after bringing it up to date')
    .argument('<name>', 'of the projection')
    .option('--yes', 'without asking', false)
    .option(...BY_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(rollback);

const rollback = (name: string, flags: Flags): Promise<void> =>
  run(flags, async ({ stores, signal }) => {
    // Loaded on demand, as in `run`.
    const { oneNamed, openRebuildables } = await import('./rebuildables.ts');
    const { showProgress } = await import('./progress.ts');
    const { recordSwaps } = await import('./decisions.ts');
    const [rebuildable] = await openRebuildables(stores, [oneNamed(name)], flags.by);
    if (rebuildable === undefined) throw new Error(`Nothing rolls ${name} back.`);
    const isWanted =
      flags.yes || (canAsk() && (await ask(`Go back to the version of ${name} before?`, signal)));
    if (!isWanted)
      throw new RefusedError(
        'not_swapped',
        `${name}: nothing was swapped${canAsk() ? '' : '; run again with --yes'}.`,
      );
    const progress = showProgress(name);
    const { build, swapMs } = await rebuildable
      .rollback({ signal, onProgress: progress.update })
      .finally(() => {
        progress.pause();
        if (signal.aborted)
          console.error(`${name}: interrupted; the same command goes on with what was begun.`);
      });
    console.log(`${name}: build ${build} is live again; its writer waited for ${Math.ceil(swapMs)} ms.`);
    await recordSwaps(stores, [rebuildable.store]);
    return exitCodes.ok;
  });
