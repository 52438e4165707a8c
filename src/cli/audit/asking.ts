/** What the questions of `seatlog audit` share: the stores, the record of the question, the exit codes. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { type RefusalCode, refusals } from '../../api/refusals.ts';
import type { Asking } from '../../audit/audits.ts';
import { type Moment, parseMoment } from '../../audit/moment.ts';
import type { Config } from '../../config.ts';
import { type AuditRead, auditReasonSchema } from '../../domain/audit-trail/index.ts';
import { type UserId, userIdSchema } from '../../domain/shared/ids.ts';
import type { Audit } from '../../engine/audit.ts';
import type { EventStore } from '../../eventstore/index.ts';
import type { Releasers } from '../../lifecycle.ts';
import { masterKeysOf } from '../../secrets.ts';
import { exitCodes } from '../exit.ts';
import {
  configOf,
  eventStoreUrlOf,
  isUsageError,
  postgresUrlOf,
  type StoreFlags,
  UsageError,
  withStoreOptions,
} from '../running-stores.ts';

/** Of every question: why it is asked, and by whom. */
export type AskerFlags = { readonly reason?: string; readonly operator?: UserId };

export type AuditFlags = StoreFlags & AskerFlags & { readonly at?: string; readonly json: boolean };

export type Told =
  | { readonly kind: 'answer'; readonly audit: unknown; readonly render: () => string }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly detail?: string | undefined;
      /** Further lines for people, and members of the JSON. */
      readonly lines?: readonly string[];
      readonly members?: Readonly<Record<string, unknown>>;
    };

export type AuditQuestionAsked = {
  readonly read: Pick<AuditRead, 'question' | 'subject' | 'unmasked'>;
  /** False: neither the index nor people's data. */
  readonly usesSql: boolean;
  readonly useIndex?: boolean;
  readonly ask: (audit: Audit, moment: Moment | undefined, asking: Asking) => Promise<Told>;
};

const AFTERWARDS = `
TIME: 2026-11-22T20:03:00+08:00, 2026-11-22T20:03 or 20:03 (of this machine), milliseconds since 1970, or position:P.
Each question is recorded in the log before it is answered.

Exit codes: 0 answered, 1 refused, 2 wrong usage, 3 it could not be asked.`;

/** The options that `AskerFlags` names. */
export const withAskerOptions = (command: Command): Command =>
  command
    .option('--reason <text>', 'why you ask: kept in the log with the question')
    .option('--operator <id>', 'who asks (default: cli- and the login name of this machine)', operatorOf);

/** The options that every question about one moment has; each example is a line of shell. */
export const withAuditOptions = (command: Command, examples: readonly string[]): Command =>
  withAskerOptions(withStoreOptions(command).option('--at <time>', 'as it stood at this moment'))
    .option('--json', 'print the answer as JSON, as HTTP gives it', false)
    .addHelpText('after', ['\nExamples:', ...examples.map((line) => `  $ seatlog ${line}`)].join('\n'))
    .addHelpText('after', AFTERWARDS);

/** Does the work, which answers the exit code. Never rejects: what goes wrong is said in a sentence. */
export const runQuestion = async (work: () => Promise<number>): Promise<void> => {
  try {
    process.exitCode = await work();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = isUsageError(error) ? exitCodes.usage : exitCodes.notRun;
  }
};

/** Asks, prints and sets the exit code. Never rejects. */
export const runAudit = (flags: AuditFlags, asked: () => AuditQuestionAsked): Promise<void> =>
  runQuestion(() => answerQuestion(flags, asked(), configOf(flags, process.env)));

const answerQuestion = async (
  flags: AuditFlags,
  asked: AuditQuestionAsked,
  config: Config,
): Promise<number> => {
  const moment = momentOf(flags);
  checkReason(flags);
  // Loaded on demand: the other commands, each a process of its own, need no stores.
  const { createReleasers } = await import('../../lifecycle.ts');
  const releasers = createReleasers();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new Error('Interrupted.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const audit = await openAudit(flags, asked, config, releasers);
    const { at } = flags;
    await record(audit, { ...asked.read, ...(at && { at }) }, flags);
    const told = await asked.ask(audit, moment, { signal: stopping.signal, onNote: console.error });
    return print(told, flags.json);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await releasers.releaseAll();
  }
};

const openAudit = async (
  flags: AuditFlags,
  { read, usesSql, useIndex = true }: AuditQuestionAsked,
  config: Config,
  releasers: Releasers,
): Promise<Audit> => {
  const masterKeys = masterKeysOf(config);
  if (read.unmasked && masterKeys === undefined) {
    throw new UsageError(
      'There are no master keys here to open personal data with: set SEATLOG_MASTER_KEYS.',
    );
  }
  const { createAudit } = await import('../../engine/audit.ts');
  const { openEventStore } = await import('../../eventstore/index.ts');
  const eventStore = openEventStore({ connectionString: eventStoreUrlOf(flags, config) });
  await releasers.add('the event store', eventStore.close);
  const db = usesSql ? await openDb(flags, config, releasers) : undefined;
  return createAudit({ eventStore, db, masterKeys, useIndex, nowMs: Date.now });
};

/** Undefined where SQL cannot be reached: the log alone answers too. */
const openDb = async (flags: AuditFlags, config: Config, releasers: Releasers) => {
  try {
    const { openPostgres } = await import('../../postgres/pool.ts');
    const postgres = openPostgres({ url: postgresUrlOf(flags, config), max: 10, onError: () => undefined });
    await releasers.add('PostgreSQL', () => postgres.close());
    await postgres.ping();
    return postgres.db;
  } catch (error) {
    const why = error instanceof Error && error.message !== '' ? error.message : 'it does not answer';
    console.error(`Without SQL, from the log alone; people stay sealed (${why}).`);
    return undefined;
  }
};

const momentOf = ({ at }: AuditFlags): Moment | undefined => {
  if (at === undefined) return undefined;
  const parsed = parseMoment(at, Date.now());
  if (parsed.kind === 'refused') throw new UsageError(`error: --at: ${parsed.problem}`);
  return parsed.moment;
};

/** Before anything is opened: a reason that cannot be kept is wrong use. Throws `UsageError`. */
export const checkReason = (flags: AskerFlags): void => {
  reasonOf(flags);
};

const reasonOf = ({ reason }: AskerFlags): string | undefined => {
  if (reason === undefined) return undefined;
  const parsed = auditReasonSchema.safeParse(reason);
  if (parsed.success) return parsed.data;
  throw new UsageError(`error: --reason: ${parsed.error.issues[0]?.message ?? 'is no text'}`);
};

/** For a question that needs the log alone. To be awaited before anything is answered. */
export const recordQuestion = async (
  eventStore: EventStore,
  asked: Pick<AuditRead, 'question' | 'subject'>,
  flags: AskerFlags,
): Promise<void> => {
  const { createAudit } = await import('../../engine/audit.ts');
  const audit = createAudit({ eventStore, db: undefined, masterKeys: undefined, nowMs: Date.now });
  await record(audit, { ...asked, unmasked: false }, flags);
};

const record = async (
  audit: Pick<Audit, 'record'>,
  asked: Omit<AuditRead, 'readAtMs' | 'via' | 'reason'>,
  flags: AskerFlags,
): Promise<void> => {
  const reason = reasonOf(flags);
  const correlationId = randomUUID();
  const actor = flags.operator ?? whoAmI();
  const read = { ...asked, ...(reason && { reason }), via: 'cli' } as const;
  await audit.record(actor, read, { commandId: correlationId, correlationId, actor });
};

const print = (told: Told, isJson: boolean): number => {
  if (told.kind === 'answer') {
    console.log(isJson ? JSON.stringify(told.audit, undefined, 2) : told.render());
    return 0;
  }
  const { code, detail, lines = [], members } = told;
  const [, title] = refusals[code];
  if (isJson)
    console.log(JSON.stringify({ code, title, ...(detail && { detail }), ...members }, undefined, 2));
  console.error([`${code}: ${title}`, ...(detail === undefined ? [] : [detail]), ...lines].join('\n'));
  return exitCodes.bad;
};

const operatorOf = (text: string): UserId => {
  const operator = userIdSchema.safeParse(text);
  if (!operator.success) throw new InvalidArgumentError('an operator is 1 to 48 letters, digits or dashes.');
  return operator.data;
};

const MAX_LOGIN_CHARACTERS = 40;

/** The account of this machine, as far as it fits an id. */
const whoAmI = (): UserId => {
  const login = userInfo().username.replaceAll(/[^0-9A-Za-z]+/g, '-');
  return userIdSchema.parse(`cli-${login.slice(0, MAX_LOGIN_CHARACTERS)}`);
};
