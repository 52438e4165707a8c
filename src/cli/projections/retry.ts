/** `seatlog projections retry`: gives a stopped read model its event again. */
import { Command } from 'commander';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { BY_OPTION } from './by.ts';
import { EXIT_CODES_HELP, exitCodes, RefusedError } from './exit.ts';
import { run } from './run.ts';

type Flags = StoreFlags & { readonly by: string };

const EXAMPLES = `
Examples:
  $ seatlog projections retry orders     after what was wrong has been mended

Its runner goes on within a second; what stops it again is shown by "seatlog projections status".
${EXIT_CODES_HELP}`;

export const retryCommand = (): Command =>
  withStoreOptions(new Command('retry'))
    .description('let a stopped projection try the event again that it stands at')
    .argument('<name>', 'of the projection')
    .option(...BY_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(retry);

const retry = (name: string, flags: Flags): Promise<void> =>
  run(flags, async ({ stores }) => {
    // Loaded on demand, as in `run`.
    const { oneNamed } = await import('./rebuildables.ts');
    const { resume } = await import('../../engine/projections-resumed.ts');
    oneNamed(name);
    const outcome = await resume(await stores.db(), name, 'retry', flags.by);
    if (outcome !== 'resumed') throw new RefusedError('projection_not_stopped', `${name} is not stopped.`);
    console.log(`${name} tries its event again.`);
    return exitCodes.ok;
  });
