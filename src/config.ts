/**
 * Every setting of the engine, read once and checked as a whole, so that a wrong environment is reported in one
 * message instead of one mistake per start. The README's table is generated from the list below.
 */
import { z } from 'zod';
import { dispatchModeSchema } from './domain/shared/dispatch-mode.ts';
import { amount, networks, port, url } from './setting-values.ts';

const KIB = 1_024;
const SECOND_MS = 1_000;
const PREFIX = 'SEATLOG_';
/** Read by the test suites only; the engine neither needs nor refuses them. */
const TEST_PREFIX = 'SEATLOG_TEST_';

/** Shown nowhere, and generated where a store is embedded. */
export const secretSettings = [
  'SEATLOG_MASTER_KEYS',
  'SEATLOG_ID_DOCUMENT_KEY',
  'SEATLOG_TOKEN_KEY',
  'SEATLOG_CALLBACK_KEY',
  'SEATLOG_TICKET_KEY',
  'SEATLOG_AUDIT_KEY',
] as const;
export type SecretSetting = (typeof secretSettings)[number];

type Setting<Schema extends z.ZodType> = {
  readonly name: `SEATLOG_${string}`;
  readonly schema: Schema;
  readonly about: string;
  readonly standard: string;
};

function setting<Schema extends z.ZodType>(
  name: `SEATLOG_${string}`,
  schema: Schema,
  about: string,
): Setting<Schema> {
  const standard: unknown = schema.parse(undefined);
  return { name, schema, about, standard: standard === undefined ? '' : String(standard) };
}

/** 32 bytes as base64, unless told otherwise; where it is used it is parsed. */
const secret = (name: SecretSetting, about: string) =>
  setting(name, z.string().optional(), `${about} Made at the first start where a store is embedded.`);

const settings = {
  dataDir: setting('SEATLOG_DATA_DIR', z.string().default('.data'), 'Folder of the embedded stores.'),
  httpHost: setting('SEATLOG_HTTP_HOST', z.string().default('127.0.0.1'), 'Address the API listens on.'),
  httpPort: setting('SEATLOG_HTTP_PORT', port(8_080), 'Port of the API; 0 picks a free one.'),
  httpBodyLimitBytes: setting(
    'SEATLOG_HTTP_BODY_LIMIT_BYTES',
    amount(64 * KIB, KIB, 16 * KIB * KIB),
    'Largest request body accepted.',
  ),
  userWritesPerSecond: setting(
    'SEATLOG_USER_WRITES_PER_SECOND',
    amount(20, 0, 1_000_000),
    'Writes that one buyer may send in a second, to each process; 0 sets no limit.',
  ),
  addressWritesPerSecond: setting(
    'SEATLOG_ADDRESS_WRITES_PER_SECOND',
    amount(0, 0, 1_000_000),
    'Writes that may come from one address in a second; 0 sets no limit, as many buyers may share one.',
  ),
  trustedProxies: setting(
    'SEATLOG_TRUSTED_PROXIES',
    networks,
    'Addresses and networks (`10.0.0.0/8`) of proxies, with commas, whose `X-Forwarded-For` says where a request comes from.',
  ),
  maxRequestsInFlight: setting(
    'SEATLOG_MAX_REQUESTS_IN_FLIGHT',
    amount(10_000, 1, 1_000_000),
    'Requests answered at a time, in each of the two lanes; more are refused instead of waiting.',
  ),
  logLevel: setting(
    'SEATLOG_LOG_LEVEL',
    z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
        error: 'must be one of trace, debug, info, warn, error, fatal, silent',
      })
      .default('info'),
    'Least severe level that is logged (JSON, on standard error).',
  ),
  roles: setting(
    'SEATLOG_ROLES',
    z
      .enum(['api', 'worker', 'api,worker'], { error: 'must be api, worker or api,worker' })
      .default('api,worker'),
    'What this process does: answer requests, keep projections and run processes, or both.',
  ),
  publicUrl: setting(
    'SEATLOG_PUBLIC_URL',
    url(/^https?:\/\/[^/]+$/, 'https://tickets.example.org'),
    'Address under which buyers reach the API; by default the one it listens on.',
  ),
  dispatchMode: setting(
    'SEATLOG_DISPATCH_MODE',
    dispatchModeSchema.default('v3'),
    'Mode of `POST /orders` for programs that have no split of their own: v1, v2, v3 or v4.',
  ),
  queueTtlMs: setting(
    'SEATLOG_QUEUE_TTL_MS',
    amount(5 * SECOND_MS, 100, 600 * SECOND_MS),
    'How long a queued order waits for its decision before it is given up.',
  ),
  lockWaitMs: setting(
    'SEATLOG_LOCK_WAIT_MS',
    amount(5 * SECOND_MS, 10, 600 * SECOND_MS),
    'Longest wait of an order for the locks of v1 and v2.',
  ),
  readableWaitMs: setting(
    'SEATLOG_READABLE_WAIT_MS',
    amount(2 * SECOND_MS, 10, 60 * SECOND_MS),
    'Longest wait of a v1 order for the read models.',
  ),
  paymentProvider: setting(
    'SEATLOG_PAYMENT_PROVIDER',
    z.enum(['simulated', 'none'], { error: 'must be simulated or none' }).optional(),
    'Who takes the money: `simulated` (nobody does) or `none` (nothing can be paid). ' +
      '`simulated` where a store is embedded; must be set where none is.',
  ),
  demo: setting(
    'SEATLOG_DEMO',
    z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
    'Publish demo programs at the first start, where all stores are embedded.',
  ),
  masterKeys: secret(
    'SEATLOG_MASTER_KEYS',
    'Keys that wrap the key of each person: `id:base64`, the current one first, with commas.',
  ),
  idDocumentKey: secret('SEATLOG_ID_DOCUMENT_KEY', 'Key of the hashes of id documents. Never change it.'),
  tokenKey: secret('SEATLOG_TOKEN_KEY', 'Key of bearer tokens (HS256).'),
  callbackKey: secret('SEATLOG_CALLBACK_KEY', 'Key of the payment provider’s callbacks (HMAC-SHA256).'),
  ticketKey: secret('SEATLOG_TICKET_KEY', 'Seed of the key that signs tickets (Ed25519).'),
  auditKey: secret(
    'SEATLOG_AUDIT_KEY',
    'Seed of the key that signs audit reports (Ed25519); without it they are unsigned.',
  ),
  postgresUrl: setting(
    'SEATLOG_POSTGRES_URL',
    url(/^postgres(ql)?:\/\/./, 'postgres://user:password@host:5432/database'),
    'PostgreSQL to use instead of the embedded one.',
  ),
  redisUrl: setting(
    'SEATLOG_REDIS_URL',
    url(/^rediss?:\/\/./, 'redis://:password@host:6379'),
    'Redis or Valkey to use instead of the embedded one.',
  ),
  eventStoreUrl: setting(
    'SEATLOG_EVENTSTORE_URL',
    url(/^esdb(\+discover)?:\/\/./, 'esdb://user:password@host:2113?tls=true'),
    'EventStoreDB or KurrentDB to use instead of the embedded one.',
  ),
  embeddedPostgresPort: setting(
    'SEATLOG_EMBEDDED_POSTGRES_PORT',
    port(15_432),
    'Port of the embedded PostgreSQL; 0 picks a free one.',
  ),
  embeddedRedisPort: setting(
    'SEATLOG_EMBEDDED_REDIS_PORT',
    port(16_379),
    'Port of the embedded Redis; 0 picks a free one.',
  ),
  embeddedEventStorePort: setting(
    'SEATLOG_EMBEDDED_EVENTSTORE_PORT',
    port(12_113),
    'Port of the embedded event store; 0 picks a free one.',
  ),
  redisServerProgram: setting(
    'SEATLOG_REDIS_SERVER_PROGRAM',
    z.string().default('redis-server'),
    'Program run as the embedded Redis: a name on the PATH or a path.',
  ),
  storeStartTimeoutMs: setting(
    'SEATLOG_STORE_START_TIMEOUT_MS',
    amount(60 * SECOND_MS, SECOND_MS, 3_600 * SECOND_MS),
    'Longest wait for a store to answer while the engine starts.',
  ),
  postgresPoolMax: setting(
    'SEATLOG_POSTGRES_POOL_MAX',
    amount(10, 1, 1_000),
    'Most PostgreSQL connections the engine opens.',
  ),
  readinessTimeoutMs: setting(
    'SEATLOG_READINESS_TIMEOUT_MS',
    amount(SECOND_MS, 10, 60 * SECOND_MS),
    'Longest wait for one store in a readiness check.',
  ),
  shutdownGraceMs: setting(
    'SEATLOG_SHUTDOWN_GRACE_MS',
    amount(20 * SECOND_MS, 100, 600 * SECOND_MS),
    'Longest graceful shutdown; after it the engine ends at once.',
  ),
} as const;

type Key = keyof typeof settings;
export type Config = { readonly [K in Key]: z.output<(typeof settings)[K]['schema']> };
export type Environment = Readonly<Record<string, string | undefined>>;

const keys = Object.keys(settings) as Key[];

/** The environment is wrong; `problems` names every wrong setting, one sentence each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(['The environment is wrong:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Reads all settings; an empty variable counts as not set. Throws `ConfigError`. */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const config: Partial<Record<Key, unknown>> = {};
  for (const key of keys) {
    const { name, schema } = settings[key];
    const parsed = schema.safeParse(environment[name] || undefined);
    if (parsed.success) config[key] = parsed.data;
    else problems.push(`${name} ${parsed.error.issues.map((issue) => issue.message).join(' and ')}.`);
  }
  problems.push(...unknownVariables(environment));
  if (problems.length > 0) throw new ConfigError(problems);
  const complete = Object.freeze(config) as Config;
  const clashes = sharedPorts(complete);
  if (clashes.length > 0) throw new ConfigError(clashes);
  return complete;
}

/**
 * A provider that takes no money is nothing to run by accident where people pay. Throws `ConfigError` where no store
 * is embedded and nobody has said which it is.
 */
export function paymentProviderOf(config: Config): NonNullable<Config['paymentProvider']> {
  const { paymentProvider, postgresUrl, redisUrl, eventStoreUrl } = config;
  if (paymentProvider !== undefined) return paymentProvider;
  if ([postgresUrl, redisUrl, eventStoreUrl].includes(undefined)) return 'simulated';
  throw new ConfigError([
    `${settings.paymentProvider.name} must be set where no store is embedded: with none nothing can be paid, ` +
      'with simulated everybody pays without money.',
  ]);
}

/** The settings as a Markdown table, as the README shows it. */
export function settingsTable(): string {
  const rows = keys.map((key) => {
    const { name, standard, about } = settings[key];
    return `| \`${name}\` | ${standard === '' ? '' : `\`${standard}\``} | ${about} |`;
  });
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The settings in force, one `NAME=value` per line, with secrets and the passwords of URLs masked. */
export function effectiveSettings(config: Config): string {
  const secrets: readonly string[] = secretSettings;
  return keys
    .map((key) => {
      const { name } = settings[key];
      const value = String(config[key] ?? '');
      return `${name}=${secrets.includes(name) && value !== '' ? '***' : maskPasswords(value)}`;
    })
    .join('\n');
}

/** Replaces the password of every URL in a text. */
export function maskPasswords(text: string): string {
  return text.replace(/(\w:\/\/[^\s:/?#"]*):[^\s"]*@/g, '$1:***@');
}

function unknownVariables(environment: Environment): string[] {
  const known = new Set<string>(keys.map((key) => settings[key].name));
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && !known.has(name))
    .sort()
    .map((name) => `${name} is not a setting; "seatlog config --table" lists all of them.`);
}

/** Two of our own servers on one port would end as "port in use", which blames a stranger. */
function sharedPorts(config: Config): string[] {
  const used: readonly (readonly [Key, number, boolean])[] = [
    ['httpPort', config.httpPort, true],
    ['embeddedPostgresPort', config.embeddedPostgresPort, config.postgresUrl === undefined],
    ['embeddedRedisPort', config.embeddedRedisPort, config.redisUrl === undefined],
    ['embeddedEventStorePort', config.embeddedEventStorePort, config.eventStoreUrl === undefined],
  ];
  const problems: string[] = [];
  const first = new Map<number, Key>();
  for (const [key, number, inUse] of used) {
    if (!inUse || number === 0) continue;
    const other = first.get(number);
    if (other === undefined) first.set(number, key);
    else problems.push(`${settings[key].name} and ${settings[other].name} are both ${number}.`);
  }
  return problems;
}
