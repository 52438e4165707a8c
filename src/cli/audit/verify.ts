/** `seatlog audit verify`: proves from the log alone that every invariant is kept, or names the events that break it. */
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { AuditReport } from '../../auditor/report.ts';
import type { Config } from '../../config.ts';
import { secretOf } from '../../secrets.ts';
import { publicKeyText, type SigningKey, signingKeyOf } from '../../signing.ts';
import {
  configOf,
  eventStoreUrlOf,
  isUsageError,
  type StoreFlags,
  UsageError,
  withStoreOptions,
} from '../running-stores.ts';

const BROKEN_EXIT_CODE = 1;
const USAGE_EXIT_CODE = 2;
const NOT_RUN_EXIT_CODE = 3;
const SECOND_MS = 1_000;
const PROGRESS_EVERY_MS = SECOND_MS;

type Flags = StoreFlags & {
  readonly all: boolean;
  readonly atPosition?: bigint;
  readonly grace: number;
  readonly report?: string;
  readonly json: boolean;
};

const EXAMPLES = `
Examples:
  $ seatlog audit verify --all                     every sale, and what must hold between sales
  $ seatlog audit verify swan-lake --report audit.json
  $ seatlog audit check-report audit.json

It needs the event store alone. Reports are signed with SEATLOG_AUDIT_KEY, or the key that the data folder of
embedded stores has.

Exit codes: 0 every invariant is kept, 1 one is broken, 2 wrong usage, 3 it could not be run.`;

export const verifyCommand = (): Command =>
  withStoreOptions(new Command('verify'))
    .description('prove from the log alone that nothing was oversold, lost or done twice')
    .argument('[program]', 'one program')
    .option('--all', 'every program of the log', false)
    .option(
      '--at-position <position>',
      'as the log was up to this position, at the time of its last event',
      position,
    )
    .option('--grace <seconds>', 'how long past its time something may still be alive', seconds, 30)
    .option('--report <file>', 'write a signed report to this file')
    .option('--json', 'print the report as JSON', false)
    .addHelpText('after', EXAMPLES)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE))
    .action(run);

async function run(programId: string | undefined, flags: Flags): Promise<void> {
  try {
    const report = await verify(programId, flags, configOf(flags, process.env));
    const { renderAudit } = await import('../../auditor/render.ts');
    console.log(flags.json ? JSON.stringify(report, undefined, 2) : renderAudit(report));
    if (report.verdict === 'broken') process.exitCode = BROKEN_EXIT_CODE;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = isUsageError(error) ? USAGE_EXIT_CODE : NOT_RUN_EXIT_CODE;
  }
}

async function verify(programId: string | undefined, flags: Flags, config: Config): Promise<AuditReport> {
  if (flags.all === (programId !== undefined)) {
    throw new UsageError('Name one program, or give --all.');
  }
  const key = keyOf(config);
  if (key === undefined && flags.report !== undefined) {
    throw new UsageError(
      'There is no key to sign a report with: set SEATLOG_AUDIT_KEY ("openssl rand -base64 32"), or name the data ' +
        'folder of an engine with --data-dir; an engine of this release puts a key there when it starts.',
    );
  }
  // Loaded on demand: the other commands need no event store.
  const { openEventStore } = await import('../../eventstore/index.ts');
  const { auditLog } = await import('../../auditor/audit.ts');
  const { reportOf, signReport } = await import('../../auditor/report.ts');
  const { graceMs, nowMs } = { graceMs: flags.grace * SECOND_MS, nowMs: Date.now() };
  const store = openEventStore({ connectionString: eventStoreUrlOf(flags, config) });
  try {
    const { audited, upTo, judgedAtMs } = await auditLog(store, {
      ...(programId !== undefined && { programId }),
      ...(flags.atPosition !== undefined && { atPosition: flags.atPosition }),
      ...{ graceMs, nowMs, onProgress: progressOn(process.stderr) },
    });
    if (programId !== undefined && audited.programs.length === 0) {
      throw new Error(`The log has nothing of program ${programId}.`);
    }
    const made = { madeAtMs: nowMs, scope: programId ?? 'all', upTo, judgedAtMs };
    const report = signReport(reportOf(audited, made), key && reportKeyOf(key));
    if (flags.report !== undefined)
      await writeFile(flags.report, `${JSON.stringify(report, undefined, 2)}\n`);
    return report;
  } finally {
    await store.close();
  }
}

function keyOf(config: Config): SigningKey | undefined {
  const secret = secretOf(config, 'SEATLOG_AUDIT_KEY');
  if (secret !== undefined) return signingKeyOf(secret);
  if (config.auditKey === undefined) return undefined;
  throw new UsageError('SEATLOG_AUDIT_KEY must be 32 bytes as base64 ("openssl rand -base64 32").');
}

const reportKeyOf = ({ privateKey, publicKey }: SigningKey) => ({
  privateKey,
  publicKey: publicKeyText(publicKey),
});

/** One line that is written over, and nothing where nobody looks. */
function progressOn(out: NodeJS.WriteStream): (at: bigint, until: bigint) => void {
  let shownAtMs = performance.now();
  return (at, until) => {
    const nowMs = performance.now();
    if (!out.isTTY || nowMs - shownAtMs < PROGRESS_EVERY_MS) return;
    shownAtMs = nowMs;
    out.write(at >= until ? '\r\u001b[K' : `\rread up to position ${at} of ${until}\u001b[K`);
  };
}

function position(text: string): bigint {
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('must be a commit position: a whole number.');
}

function seconds(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number.');
}
