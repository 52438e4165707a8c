/** `seatlog audit verify`: proves from the log alone that every invariant is kept, or names the events that break it. */
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { AuditReport } from '../../auditor/report.ts';
import type { Config } from '../../config.ts';
import { MAX_SUBJECT_CHARACTERS } from '../../domain/audit-trail/index.ts';
import type { EventStore } from '../../eventstore/index.ts';
import type { SecretKey } from '../../privacy/index.ts';
import { secretOf } from '../../secrets.ts';
import { reportKeyOf } from '../../signing.ts';
import {
  configOf,
  eventStoreUrlOf,
  type StoreFlags,
  UsageError,
  withStoreOptions,
} from '../running-stores.ts';
import { type AskerFlags, checkReason, recordQuestion, runQuestion, withAskerOptions } from './asking.ts';

const BROKEN_EXIT_CODE = 1;
const SECOND_MS = 1_000;
const ALL_PROGRAMS = '*';
const PROGRESS_EVERY_MS = SECOND_MS;

type Flags = StoreFlags &
  AskerFlags & {
    readonly all: boolean;
    readonly atPosition?: bigint;
    readonly grace: number;
    readonly report?: string;
    readonly json: boolean;
    readonly unrecorded: boolean;
  };

const EXAMPLES = `
Examples:
  $ seatlog audit verify --all                     every sale, and what must hold between sales
  $ seatlog audit verify swan-lake --report audit.json
  $ seatlog audit check-report audit.json

It needs the event store alone. Reports are signed with SEATLOG_AUDIT_KEY, or the key that the data folder of
embedded stores has.

The question is recorded in the log before it is answered, with who asks; that is all it writes. Where the store
lets an auditor only read, give --unrecorded: what is read and found is the same.

Exit codes: 0 every invariant is kept, 1 one is broken, 2 wrong usage, 3 it could not be run.`;

export const verifyCommand = (): Command =>
  withAskerOptions(withStoreOptions(new Command('verify')))
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
    .option('--unrecorded', 'write nothing into the log, not even that it was read', false)
    .addHelpText('after', EXAMPLES)
    .action((programId: string | undefined, flags: Flags) => run(programId, flags));

const run = (programId: string | undefined, flags: Flags): Promise<void> =>
  runQuestion(async () => {
    const report = await verify(programId, flags, configOf(flags, process.env));
    const { renderAudit } = await import('../../auditor/render.ts');
    console.log(flags.json ? JSON.stringify(report, undefined, 2) : renderAudit(report));
    return report.verdict === 'broken' ? BROKEN_EXIT_CODE : 0;
  });

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
  if (flags.report !== undefined) await checkWritable(flags.report);
  checkReason(flags);
  // Loaded on demand: the other commands need no event store.
  const { openEventStore } = await import('../../eventstore/index.ts');
  const { makeReport } = await import('../../auditor/signed-report.ts');
  const store = openEventStore({ connectionString: eventStoreUrlOf(flags, config) });
  try {
    if (!flags.unrecorded) await record(store, programId, flags);
    const report = await makeReport(store, {
      ...(programId !== undefined && { programId }),
      ...(flags.atPosition !== undefined && { atPosition: flags.atPosition }),
      ...{ graceMs: flags.grace * SECOND_MS, nowMs: Date.now(), onProgress: progressOn(process.stderr) },
      key: key && reportKeyOf(key),
    });
    if (report === undefined)
      throw new Error(`program_not_found: The log has nothing of program ${programId}.`);
    if (flags.report !== undefined)
      await writeFile(flags.report, `${JSON.stringify(report, undefined, 2)}\n`);
    return report;
  } finally {
    await store.close();
  }
}

/** Before the log is read, which may take long. */
async function checkWritable(file: string): Promise<void> {
  try {
    await access(dirname(resolve(file)), constants.W_OK);
    const there = await stat(file).catch(() => undefined);
    if (there?.isDirectory()) throw new Error('it is a folder.');
    if (there !== undefined) await access(file, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The report cannot be written to ${file}: ${why}`);
  }
}

async function record(store: EventStore, programId: string | undefined, flags: Flags): Promise<void> {
  const subject = programId?.slice(0, MAX_SUBJECT_CHARACTERS) ?? ALL_PROGRAMS;
  try {
    await recordQuestion(store, { question: 'verify', subject }, flags);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Nothing was audited, as the question cannot be recorded: ${why} Where you may only read, give --unrecorded.`,
      { cause: error },
    );
  }
}

function keyOf(config: Config): SecretKey | undefined {
  const secret = secretOf(config, 'SEATLOG_AUDIT_KEY');
  if (secret !== undefined) return secret;
  if (config.auditKey === undefined) return undefined;
  throw new UsageError('SEATLOG_AUDIT_KEY must be 32 bytes as base64 ("openssl rand -base64 32").');
}

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
