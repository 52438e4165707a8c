/** `seatlog projections rebuild`: a new version beside the live one, compared with it and swapped in. */
import { Command, Option } from 'commander';
import type { Differences, Rebuildable, RebuildResult } from '../../rebuild/rebuildable.ts';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { ask, canAsk } from './ask.ts';
import { BY_OPTION } from './by.ts';
import { renderDifferences } from './differences.ts';
import { EXIT_CODES_HELP, type ExitCode, exitCodes } from './exit.ts';
import { type Run, run } from './run.ts';

type Flags = StoreFlags & {
  readonly by: string;
  readonly keepOld: boolean;
  readonly yes: boolean;
  readonly discard: boolean;
  readonly certificate?: string;
};

const SECOND_MS = 1_000;

const EXAMPLES = `
Examples:
  $ seatlog projections rebuild orders
  $ seatlog projections rebuild all --yes          swaps also where the live version differs, without asking
  $ seatlog projections rebuild gate --certificate gate.json
  $ seatlog projections rebuild orders --discard   drops what an interrupted or declined rebuild has left

Queries see the version that is live until the swap, and the new one from then on. Ctrl-C ends it in order: the same
command goes on where it was, and so it does where the answer was no. The version that is replaced is kept for
"seatlog projections rollback".
${EXIT_CODES_HELP}`;

export const rebuildCommand = (): Command =>
  withStoreOptions(new Command('rebuild'))
    .description('build a projection anew from the log, compare it with the live one, and swap')
    .argument('<name>', 'of the projection, or all')
    .option('--keep-old', 'keep every older version, and not only the one that is replaced', false)
    .option('--yes', 'swap also where the new version differs from the live one', false)
    .option('--certificate <file>', 'where the certificate is written (default: into the data folder)')
    .addOption(
      new Option('--discard', 'only drop what an interrupted or declined rebuild has left, and build nothing')
        .default(false)
        .conflicts(['keepOld', 'yes', 'certificate']),
    )
    .option(...BY_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(rebuild);

const rebuild = (name: string, flags: Flags): Promise<void> =>
  run(flags, async (running) => {
    // Loaded on demand, as in `run`.
    const { eachOf, openCertified } = await import('./rebuildables.ts');
    const rebuildables = await openCertified(name, flags, running);
    return eachOf(rebuildables, running, (rebuildable) =>
      flags.discard ? discard(rebuildable) : rebuildOne(rebuildable, running, flags),
    );
  });

const discard = async ({ name, discard }: Rebuildable): Promise<ExitCode> => {
  const isDropped = await discard();
  console.log(
    `${name}: ${isDropped ? 'what a rebuild had left was dropped.' : 'no rebuild has left anything.'}`,
  );
  return exitCodes.ok;
};

/** What an interrupted rebuild leaves to the next one. */
const whatThen = ({ name, store }: Rebuildable): string => {
  if (store === 'sql') return 'the same command goes on with what was built.';
  return name === 'gate'
    ? 'the same command goes on from what was read of the log.'
    : 'the same command reads the last day of the log again.';
};

const rebuildOne = async (rebuildable: Rebuildable, running: Run, flags: Flags): Promise<ExitCode> => {
  const { showProgress } = await import('./progress.ts');
  const { name } = rebuildable;
  const { signal } = running;
  const progress = showProgress(name);
  const startedAtMs = performance.now();
  const accept = async (differences: Differences): Promise<boolean> => {
    progress.pause();
    console.log(renderDifferences(name, differences).join('\n'));
    if (flags.yes) return true;
    return canAsk() && ask(`Swap ${name}, so that what follows from the log is live?`, signal);
  };
  const { keepOld } = flags;
  try {
    const result = await rebuildable.rebuild({ signal, keepOld, accept, onProgress: progress.update });
    progress.pause();
    return await conclude(rebuildable, result, performance.now() - startedAtMs, running, flags);
  } finally {
    progress.pause();
    if (signal.aborted) console.error(`${name}: interrupted; ${whatThen(rebuildable)}`);
  }
};

/** The log comes first: a certificate that cannot be written is made again by a verification. */
const conclude = async (
  rebuildable: Rebuildable,
  { outcome, certificate, differences, swapMs }: RebuildResult,
  tookMs: number,
  { config, stores }: Run,
  { certificate: file }: Flags,
): Promise<ExitCode> => {
  const { keepCertificate, renderCertificate } = await import('./certificates.ts');
  const { name, store } = rebuildable;
  if (differences.count === 0) console.log(renderDifferences(name, differences).join('\n'));
  if (outcome === 'swapped') {
    const took = (tookMs / SECOND_MS).toFixed(1);
    console.log(`${name}: swapped after ${took} s; its writer waited for ${Math.ceil(swapMs)} ms.`);
    const { recordSwaps } = await import('./decisions.ts');
    await recordSwaps(stores, [store]);
  }
  const kept = await keepCertificate(certificate, config, file);
  console.log(renderCertificate(name, certificate, kept));
  if (outcome === 'swapped') return exitCodes.ok;
  console.error(`not_swapped: ${name}: nothing was swapped${canAsk() ? '' : '; run again with --yes'}.`);
  console.error(
    `${name}: ${whatThen(rebuildable)}` +
      // What Redis keeps ends by itself.
      (store === 'sql' ? ` To be rid of it: seatlog projections rebuild ${name} --discard` : ''),
  );
  return exitCodes.bad;
};
