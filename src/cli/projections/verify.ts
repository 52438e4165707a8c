/** `seatlog projections verify`: folds the log afresh and compares with what is live. */
import { Command } from 'commander';
import type { Rebuildable } from '../../rebuild/rebuildable.ts';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { DEFAULT_ACTOR } from './by.ts';
import { differencesAsJson, renderDifferences } from './differences.ts';
import { EXIT_CODES_HELP, type ExitCode, exitCodes } from './exit.ts';
import { type Run, run } from './run.ts';

type Flags = StoreFlags & { readonly json: boolean; readonly certificate?: string };

const EXAMPLES = `
Examples:
  $ seatlog projections verify                  every projection, in SQL and in Redis
  $ seatlog projections verify orders --json
  $ seatlog projections verify gate --certificate gate.json

Nothing that is live is changed, and sales go on meanwhile: both sides are compared at one position of the log.
${EXIT_CODES_HELP}`;

export const verifyCommand = (): Command =>
  withStoreOptions(new Command('verify'))
    .description('compare what is live with what follows from the log, and print each difference')
    .argument('[name]', 'of the projection', 'all')
    .option('--json', 'print the differences as JSON', false)
    .option('--certificate <file>', 'where the certificate is written (default: into the data folder)')
    .addHelpText('after', EXAMPLES)
    .action(verify);

const verify = (name: string, flags: Flags): Promise<void> =>
  run(flags, async (running) => {
    // Loaded on demand, as in `run`.
    const { eachOf, openCertified } = await import('./rebuildables.ts');
    const rebuildables = await openCertified(name, { ...flags, by: DEFAULT_ACTOR }, running);
    const found: Verified[] = [];
    const exitCode = await eachOf(rebuildables, running, async (rebuildable) => {
      const verified = await verifyOne(rebuildable, running, flags);
      found.push(verified);
      return verified.differences.count === 0 ? exitCodes.ok : exitCodes.bad;
    });
    if (flags.json) console.log(JSON.stringify(asJson(found, exitCode), undefined, 2));
    return exitCode;
  });

type Verified = Awaited<ReturnType<typeof verifyOne>>;

const verifyOne = async (rebuildable: Rebuildable, { config, signal }: Run, flags: Flags) => {
  const { showProgress } = await import('./progress.ts');
  const { keepCertificate, renderCertificate } = await import('./certificates.ts');
  const { name, store } = rebuildable;
  const progress = showProgress(name);
  const { differences, certificate } = await rebuildable
    .verify({ signal, onProgress: progress.update })
    .finally(progress.pause);
  const kept = await keepCertificate(certificate, config, flags.certificate);
  if (!flags.json) {
    console.log(renderDifferences(name, differences).join('\n'));
    console.log(renderCertificate(name, certificate, kept));
  }
  return { name, store, position: certificate.to, differences, certificate: kept };
};

const asJson = (found: readonly Verified[], exitCode: ExitCode) => ({
  ok: exitCode === exitCodes.ok,
  projections: found.map((verified) => ({
    ...verified,
    differences: differencesAsJson(verified.differences),
  })),
});
