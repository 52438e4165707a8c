/** `seatlog audit replay`: what a recorded sale would have come to under other settings. */
import { Command } from 'commander';
import type { ProgramId, UserId } from '../../domain/shared/ids.ts';
import { MODEL } from '../../what-if/model.ts';
import { parseWhatIf, policyNames, type WhatIf } from '../../what-if/settings.ts';
import {
  configOf,
  eventStoreUrlOf,
  isUsageError,
  type StoreFlags,
  UsageError,
  withStoreOptions,
} from '../running-stores.ts';
import { programId } from './arguments.ts';
import { operatorOf, reasonOf, recordQuestion } from './asking.ts';

const NOT_FAITHFUL_EXIT_CODE = 1;
const USAGE_EXIT_CODE = 2;
const NOT_RUN_EXIT_CODE = 3;

type Flags = StoreFlags & {
  readonly whatIf: readonly string[];
  readonly reason?: string;
  readonly operator?: UserId;
  readonly json: boolean;
};

const HELP = `
Settings: hold-ttl=2m, payment-ttl=10m (with their unit: ms, s, m, h), limit=4 (tickets of a buyer), per-order=2,
seat-policy=${policyNames.join('|')}. Without any, only the proof that the replay is faithful.

Examples:
  $ seatlog audit replay swan-lake --what-if payment-ttl=5m --what-if limit=2
  $ seatlog audit replay swan-lake --what-if seat-policy=first-fit --json

How a replay takes it:
${MODEL.map((sentence) => `- ${sentence}`).join('\n')}

It reads the log alone, and records that it did. The same log and settings give the same JSON, to the byte.

Exit codes: 0 answered, 1 the replay does not come to what was recorded, 2 wrong usage, 3 it could not be run.`;

export const replayCommand = (): Command =>
  withStoreOptions(new Command('replay'))
    .description('run what people wanted of a sale through its rules under other settings, and compare')
    .argument('<program>', 'the program', programId)
    .option('--what-if <setting...>', 'name=value; as many as you like', [])
    .option('--reason <text>', 'why you ask: kept in the log with the question')
    .option('--operator <id>', 'who asks (default: cli- and the login name of this machine)', operatorOf)
    .option('--json', 'print the answer as JSON', false)
    .addHelpText('after', HELP)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE))
    .action(run);

async function run(program: ProgramId, flags: Flags): Promise<void> {
  try {
    await answer(program, settingsIn(flags), flags);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = isUsageError(error) ? USAGE_EXIT_CODE : NOT_RUN_EXIT_CODE;
  }
}

function settingsIn({ whatIf }: Flags): WhatIf {
  const parsed = parseWhatIf(whatIf);
  if (parsed.kind === 'settings') return parsed.settings;
  throw new UsageError(`error: --what-if: ${parsed.problem} (${parsed.code})`);
}

async function answer(program: ProgramId, changes: WhatIf, flags: Flags): Promise<void> {
  const config = configOf(flags, process.env);
  // Loaded on demand: the other commands, each a process of its own, need no stores.
  const { openEventStore } = await import('../../eventstore/index.ts');
  const { readRecordedSale } = await import('../../what-if/recorded-sale.ts');
  const { compare } = await import('../../what-if/compare.ts');
  const { renderComparison } = await import('../../what-if/render.ts');
  // Before anything is opened: a reason that cannot be kept is wrong use.
  reasonOf(flags);
  const eventStore = openEventStore({ connectionString: eventStoreUrlOf(flags, config) });
  try {
    await recordQuestion(eventStore, { question: 'replay', subject: program }, flags);
    const sale = await readRecordedSale(eventStore, program);
    if (sale === undefined) throw new Error(`The log has no sale of a program ${program}.`);
    const comparison = compare(sale, changes);
    console.log(flags.json ? JSON.stringify(comparison, undefined, 2) : renderComparison(comparison));
    if (!comparison.isFaithful) process.exitCode = NOT_FAITHFUL_EXIT_CODE;
  } finally {
    await eventStore.close();
  }
}
