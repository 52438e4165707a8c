/** `seatlog audit replay`: what a recorded sale would have come to under other settings. */
import { Command, Option } from 'commander';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { MODEL } from '../../what-if/model.ts';
import { parseWhatIf, policyNames, type WhatIf } from '../../what-if/settings.ts';
import {
  configOf,
  eventStoreUrlOf,
  type StoreFlags,
  UsageError,
  withStoreOptions,
} from '../running-stores.ts';
import { programId } from './arguments.ts';
import { type AskerFlags, checkReason, recordQuestion, runQuestion, withAskerOptions } from './asking.ts';

const NOT_FAITHFUL_EXIT_CODE = 1;

type Flags = StoreFlags & AskerFlags & { readonly whatIf: readonly string[]; readonly json: boolean };

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
  withAskerOptions(withStoreOptions(new Command('replay')))
    .description('run what people wanted of a sale through its rules under other settings, and compare')
    .argument('<program>', 'the program', programId)
    .addOption(
      new Option('--what-if <setting...>', 'name=value; as many as you like').default([], 'as it was'),
    )
    .option('--json', 'print the answer as JSON', false)
    .addHelpText('after', HELP)
    .action((program: ProgramId, flags: Flags) =>
      runQuestion(async () => answer(program, settingsIn(flags), flags)),
    );

function settingsIn({ whatIf }: Flags): WhatIf {
  const parsed = parseWhatIf(whatIf);
  if (parsed.kind === 'settings') return parsed.settings;
  throw new UsageError(`error: --what-if: ${parsed.problem} (${parsed.code})`);
}

async function answer(program: ProgramId, changes: WhatIf, flags: Flags): Promise<number> {
  const config = configOf(flags, process.env);
  // Loaded on demand: the other commands, each a process of its own, need no stores.
  const { openEventStore } = await import('../../eventstore/index.ts');
  const { readRecordedSale } = await import('../../what-if/recorded-sale.ts');
  const { compare } = await import('../../what-if/compare.ts');
  const { renderComparison } = await import('../../what-if/render.ts');
  checkReason(flags);
  const eventStore = openEventStore({ connectionString: eventStoreUrlOf(flags, config) });
  try {
    await recordQuestion(eventStore, { question: 'replay', subject: program }, flags);
    const sale = await readRecordedSale(eventStore, program);
    if (sale === undefined)
      throw new Error(`program_not_found: The log has no sale of a program ${program}.`);
    const comparison = compare(sale, changes);
    console.log(flags.json ? JSON.stringify(comparison, undefined, 2) : renderComparison(comparison));
    return comparison.isFaithful ? 0 : NOT_FAITHFUL_EXIT_CODE;
  } finally {
    await eventStore.close();
  }
}
