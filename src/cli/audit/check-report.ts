/** `seatlog audit check-report`: whether a report is as the auditor wrote it, without any connection. */
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { checkReport } from '../../auditor/report.ts';
import { secretOf } from '../../secrets.ts';
import { type PublicKey, parsePublicKey, publicKeyText, signingKeyOf } from '../../signing.ts';
import { exitCodes } from '../exit.ts';
import { configOf, isUsageError, UsageError } from '../running-stores.ts';

const HELP = `
Examples:
  $ seatlog audit check-report audit.json
  $ seatlog audit check-report audit.json --public-key auditor.pem   with the key that whoever signed has told you

Exit codes: 0 signed by this key and not changed since, 1 not, 2 wrong usage.`;

type Flags = { readonly publicKey?: string; readonly dataDir?: string };

const sentences = {
  report_malformed: 'This is not a report of the auditor.',
  report_unsigned: 'The report was never signed.',
  signature_invalid: 'The signature does not fit what the report says, or another key made it.',
} as const;

export const checkReportCommand = (): Command =>
  new Command('check-report')
    .description('check the signature of an audit report and print its verdict')
    .argument('<file>', 'what seatlog audit verify --report wrote')
    .option('--public-key <file|base64>', 'the key to check with (default: of the embedded set-up)')
    .option('--data-dir <folder>', 'data folder of the embedded stores')
    .addHelpText('after', HELP)
    .action(run);

function run(file: string, flags: Flags): void {
  try {
    if (!existsSync(file)) throw new UsageError(`${file} is not there.`);
    const key = keyOf(flags);
    const verdict = checkReport(readFileSync(file, 'utf8'), key.key);
    if (verdict.kind === 'refused') {
      console.error(`${verdict.code}: ${sentences[verdict.code]}`);
      process.exitCode = exitCodes.bad;
      return;
    }
    const { scope, upTo, madeAtMs, verdict: found } = verdict.report;
    const of = scope === 'all' ? 'all programs' : scope;
    console.log(`The report is genuine, signed by ${publicKeyText(key)} (${key.id}).`);
    console.log(`Audit of ${of} up to position ${upTo}, made ${new Date(madeAtMs).toISOString()}: ${found}.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = isUsageError(error) ? exitCodes.usage : exitCodes.bad;
  }
}

function keyOf({ publicKey, dataDir }: Flags): PublicKey {
  if (publicKey !== undefined) {
    const parsed = parsePublicKey(existsSync(publicKey) ? readFileSync(publicKey, 'utf8') : publicKey);
    if (parsed.kind === 'valid') return parsed.key;
    throw new UsageError('The public key must be a file or the base64 of 32 bytes.');
  }
  const secret = secretOf(
    configOf(dataDir === undefined ? {} : { dataDir }, process.env),
    'SEATLOG_AUDIT_KEY',
  );
  if (secret !== undefined) return signingKeyOf(secret).publicKey;
  throw new UsageError(
    'There is no key here to trust: name --public-key, which whoever signed has told you.',
  );
}
