/** `seatlog rush`: sends a crowd to a running engine, and then checks that nobody was wronged. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config.ts';
import type { CheckOptions } from '../rush/check/index.ts';
import type { RushMode, RushOptions } from '../rush/options.ts';
import type { RushDeps } from '../rush/rush.ts';
import { secretOf } from '../secrets.ts';
import { exitCodes } from './exit.ts';
import {
  configOf,
  eventStoreUrlOf,
  isUsageError,
  postgresUrlOf,
  redisUrlOf,
  type StoreFlags,
  UsageError,
  withStoreOptions,
} from './running-stores.ts';

const SECOND_MS = 1_000;

type Flags = StoreFlags & {
  readonly url?: readonly string[];
  readonly program?: string;
  readonly seats: number;
  readonly buyers: number;
  readonly mode: readonly RushMode[];
  readonly pay: number;
  readonly cancel: number;
  readonly party: { readonly from: number; readonly to: number };
  readonly payWithin: number;
  readonly seed: number;
  readonly connections: number;
  readonly tolerateRestarts: boolean;
  readonly json: boolean;
  readonly skipCheck: boolean;
};

const EXAMPLES = `
Examples:
  $ seatlog rush                                      10,000 seats, 100,000 buyers, mode v3
  $ seatlog rush --mode all --seats 2000 --buyers 20000
  $ seatlog rush --program swan-lake --mode configured --buyers 5000
  $ seatlog rush --buyers 1000000 --connections 256 --json > report.json

It needs the engine's token key, and for the check its stores: both are found in the data folder of embedded
stores (--data-dir), or in SEATLOG_TOKEN_KEY and the URLs of the stores.

Exit codes: 0 every promise is kept, 1 one is broken, 2 wrong usage, 3 it could not be run.`;

export function rushCommand(): Command {
  return withStoreOptions(new Command('rush'))
    .description('send a crowd of buyers to a running engine, then check log, SQL and Redis')
    .option(
      '--url <address>',
      'the engine (default: where this environment would run it); repeat it for engines on the same stores',
      (address: string, others: readonly string[] = []) => [...others, address],
    )
    .addOption(
      new Option('--program <id>', 'rush for this program; without it each mode gets one').conflicts('seats'),
    )
    .option('--seats <number>', 'seats of such a program', wholeNumber, 10_000)
    .option('--buyers <number>', 'how many come; each orders once', wholeNumber, 100_000)
    .addOption(
      new Option('--mode <mode>', 'v1, v2, v3, v4, all, or configured (what the engine is set to)')
        .argParser(modes)
        .default(['v3'], 'v3'),
    )
    .option('--pay <share>', 'share of the orders that is paid, 0 to 1', share, 0.8)
    .option('--cancel <share>', 'share of the orders that is cancelled, 0 to 1', share, 0.02)
    .addOption(
      new Option('--party <from-to>', 'tickets of an order')
        .argParser(party)
        .default({ from: 1, to: 4 }, '1-4'),
    )
    .option(
      '--pay-within <seconds>',
      'how long such a program waits for the payment, in seconds',
      wholeNumber,
      20,
    )
    .option('--seed <number>', 'the same seed is the same crowd', wholeNumber, 1)
    .option('--connections <number>', 'connections that order, each one request at a time', wholeNumber, 64)
    .option('--tolerate-restarts', 'repeat what got no answer until the engine is back', false)
    .option('--skip-check', 'only the rush', false)
    .option('--json', 'print the report as JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  try {
    await rush(flags, configOf(flags, process.env));
  } catch (error) {
    console.error(sentenceFor(error));
    process.exitCode = isUsageError(error) ? exitCodes.usage : exitCodes.notRun;
  }
}

/** By its name: the class comes with the client, which the other commands do without. */
function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name !== 'ConnectionLost') return error.message;
  return `No engine answers (${error.message}): start one, or say with --url where it is.`;
}

async function rush(flags: Flags, config: Config): Promise<void> {
  // Loaded on demand: the other commands, each a process of its own, need none of this.
  const { rushOptionsSchema } = await import('../rush/options.ts');
  const parsed = rushOptionsSchema.safeParse(optionsOf(flags, config));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  - ${path.join('.')}: ${message}`);
    throw new UsageError(['The options are wrong:', ...problems].join('\n'));
  }
  const { runRush } = await import('../rush/rush.ts');
  const { runCheck } = await import('../rush/check/index.ts');
  const { createProgress } = await import('../rush/progress.ts');
  const { createTokens } = await import('../rush/tokens.ts');
  const { renderReport } = await import('../rush/report.ts');
  const stores = flags.skipCheck ? undefined : storesOf(flags, config);
  const deps: RushDeps = {
    tokenFor: createTokens(tokenKey(config)),
    progress: createProgress(),
    ...(stores !== undefined && { check: (asked) => runCheck({ ...stores, ...asked }) }),
  };
  const report = await runRush(parsed.data, deps);
  console.log(flags.json ? JSON.stringify(report, undefined, 2) : renderReport(report));
  if (!report.ok) process.exitCode = exitCodes.bad;
}

type StoreUrls = Pick<CheckOptions, 'eventStoreUrl' | 'postgresUrl' | 'redisUrl'>;

function optionsOf(flags: Flags, config: Config): { readonly [Name in keyof RushOptions]: unknown } {
  return {
    urls: flags.url ?? [`http://${config.httpHost}:${config.httpPort}`],
    programId: flags.program,
    seats: flags.seats,
    buyers: flags.buyers,
    modes: flags.mode,
    pay: flags.pay,
    cancel: flags.cancel,
    party: flags.party,
    seed: flags.seed,
    connections: flags.connections,
    paymentTtlMs: flags.payWithin * SECOND_MS,
    tolerateRestarts: flags.tolerateRestarts,
  };
}

function tokenKey(config: Config): Uint8Array {
  const key = secretOf(config, 'SEATLOG_TOKEN_KEY');
  if (key !== undefined) return key.bytes;
  throw new UsageError(
    `The engine's token key is neither in SEATLOG_TOKEN_KEY nor in ${resolve(config.dataDir)}: name the ` +
      'data folder of the running engine with --data-dir.',
  );
}

const storesOf = (flags: Flags, config: Config): StoreUrls => ({
  eventStoreUrl: eventStoreUrlOf(flags, config),
  postgresUrl: postgresUrlOf(flags, config),
  redisUrl: redisUrlOf(flags, config),
});

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number.');
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('must be a number from 0 to 1.');
}

function party(text: string): { from: number; to: number } {
  const [, from = '', to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (from !== '') return { from: Number(from), to: Number(to) };
  throw new InvalidArgumentError('must be like 1-4, or one number.');
}

function modes(text: string): RushMode[] {
  if (text === 'all') return ['v1', 'v2', 'v3', 'v4'];
  const found = (['v1', 'v2', 'v3', 'v4', 'configured'] as const).find((mode) => mode === text);
  if (found !== undefined) return [found];
  throw new InvalidArgumentError('must be v1, v2, v3, v4, all or configured.');
}
