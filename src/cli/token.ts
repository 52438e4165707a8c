/** `seatlog token`: prints a bearer token for the API, made with the key of the set-up on this machine. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError, readConfig } from '../config.ts';
import { type UserId, userIdSchema } from '../domain/shared/ids.ts';
import { secretOf } from '../secrets.ts';
import { exitCodes } from './exit.ts';

const WRONG_USE = { exitCode: exitCodes.usage };
const KEY_SETTING = 'SEATLOG_TOKEN_KEY';
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_TTL_SECONDS = 366 * SECONDS.d;
const MAX_TOKENS = 1_000_000;

const HELP = `
Examples:
  $ curl -H "Authorization: Bearer $(seatlog token --user ann)" http://127.0.0.1:8080/orders
  $ seatlog token --user ops --operator --ttl 30m
  $ seatlog token --user buyer --count 1000 > tokens.txt

The key is SEATLOG_TOKEN_KEY, or the one in the data folder of embedded stores.

Exit codes: 0 printed, 2 wrong usage or settings, or there is no key.`;

type Options = {
  readonly user: UserId;
  readonly operator: boolean;
  readonly personalData: boolean;
  readonly ttl: number;
  readonly count?: number;
};

export function tokenCommand(): Command {
  return new Command('token')
    .description('print a bearer token for the API')
    .requiredOption('--user <id>', 'whose token it is: 1 to 48 letters, digits or dashes (required)', userOf)
    .option('--operator', 'let it do what operators do', false)
    .option('--personal-data', 'let an operator see people in clear in audits', false)
    .addOption(
      new Option('--ttl <time>', 'how long it is valid: 90s, 30m, 24h, 7d')
        .argParser(secondsOf)
        .default(24 * SECONDS.h, '24h'),
    )
    .option('--count <number>', 'so many tokens instead, of the users <id>-1, <id>-2, …, one a line', countOf)
    .addHelpText('after', HELP)
    .action(run);
}

const run = async (options: Options, command: Command): Promise<void> => {
  const key = keyOrExit(command);
  // Loaded on demand: the other commands, each a process of its own, need no tokens.
  const { mintToken } = await import('../api/identity.ts');
  for (const userId of usersOf(options, command)) {
    const scopes = scopesOf(options);
    const token = await mintToken(key, { userId, scopes, ttlSeconds: options.ttl, nowMs: Date.now() });
    process.stdout.write(`${token}\n`);
  }
};

const scopesOf = ({ operator, personalData }: Options): readonly string[] => [
  ...(operator ? ['operator'] : []),
  ...(personalData ? ['personal-data'] : []),
];

const keyOrExit = (command: Command): Uint8Array => {
  try {
    const config = readConfig(process.env);
    const key = secretOf(config, KEY_SETTING);
    if (key !== undefined) return key.bytes;
    return command.error(
      `error: there is no key to sign with: ${KEY_SETTING} is not set, and no engine has run with embedded ` +
        `stores in "${config.dataDir}" yet. Start one first, with "seatlog start".`,
      WRONG_USE,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return command.error(error.message, WRONG_USE);
  }
};

const usersOf = ({ user, count }: Options, command: Command): readonly UserId[] => {
  if (count === undefined) return [user];
  if (!userIdSchema.safeParse(`${user}-${count}`).success) {
    command.error(`error: "${user}-${count}" is too long for a user id.`, WRONG_USE);
  }
  return Array.from({ length: count }, (_, index) => userIdSchema.parse(`${user}-${index + 1}`));
};

const userOf = (text: string): UserId => {
  const user = userIdSchema.safeParse(text);
  if (!user.success) throw new InvalidArgumentError('a user id is 1 to 48 letters, digits or dashes.');
  return user.data;
};

const secondsOf = (text: string): number => {
  const [, amount, unit] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
  const seconds = Number(amount) * (SECONDS[unit as keyof typeof SECONDS] ?? Number.NaN);
  if (!(seconds <= MAX_TTL_SECONDS)) {
    throw new InvalidArgumentError('a time is a number with s, m, h or d, and a year at most.');
  }
  return seconds;
};

const countOf = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MAX_TOKENS) {
    throw new InvalidArgumentError(`a count is 1 to ${MAX_TOKENS}.`);
  }
  return count;
};
