/**
 * The engine's secrets. Production gives each as a setting; beside embedded stores they are made once, at the first
 * start, and kept in the data folder, so that everything sealed and signed there can be opened and checked again.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Config, ConfigError, type SecretSetting, secretSettings } from './config.ts';
import { type MasterKeys, parseMasterKeys, parseSecretKey, type SecretKey } from './privacy/index.ts';

const FILE = 'secrets.json';
const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/** What the first release did not have yet: a folder of then is given it. Everything else is never made twice. */
const ADDED = 'SEATLOG_AUDIT_KEY';
const storedSecrets = z
  .partialRecord(z.enum(secretSettings), z.string())
  .refine((stored) => secretSettings.every((setting) => setting === ADDED || stored[setting] !== undefined), {
    error: `${FILE} lacks a secret; put back the file that this folder was sealed with`,
  });
type StoredSecrets = z.infer<typeof storedSecrets>;

export type Secrets = {
  /** Wrap the keys of persons; the current one first. */
  readonly masterKeys: MasterKeys;
  /** Of the hashes of id documents: it must never change, or a document would be unknown. */
  readonly idDocumentKey: SecretKey;
  /** Signs bearer tokens (HS256). */
  readonly tokenKey: SecretKey;
  /** Signs the callbacks of the simulated payment provider. */
  readonly callbackKey: SecretKey;
  /** Seed of the Ed25519 key that signs tickets. */
  readonly ticketKey: SecretKey;
  /** Seed of the Ed25519 key that signs audit reports; undefined: they stay unsigned. */
  readonly auditKey: SecretKey | undefined;
};

/**
 * The secrets in force. `dataFolder` is where embedded stores are, undefined when there are none. Throws
 * `ConfigError` for a secret that is missing or malformed.
 */
export function openSecrets(config: Config, dataFolder: string | undefined): Secrets {
  const stored = dataFolder === undefined ? undefined : makeStored(join(dataFolder, FILE));
  const problems: string[] = [];
  const textOf = (setting: SecretSetting): string => {
    const text = config[keyOfSetting[setting]] ?? stored?.[setting];
    if (text === undefined) problems.push(`${setting} is needed: no store is embedded that could keep one.`);
    return text ?? '';
  };
  const keyOf = (setting: SecretSetting): SecretKey => {
    const text = textOf(setting);
    const parsed = parseSecretKey(text);
    if (parsed.kind === 'valid') return parsed.value;
    if (text !== '') problems.push(`${setting} must be 32 bytes as base64 ("openssl rand -base64 32").`);
    return { bytes: new Uint8Array(KEY_BYTES) };
  };
  const isAuditKey = (config.auditKey ?? stored?.[ADDED]) !== undefined;
  const masterText = textOf('SEATLOG_MASTER_KEYS');
  const masterKeys = parseMasterKeys(masterText);
  if (masterKeys.kind === 'refused' && masterText !== '') {
    problems.push('SEATLOG_MASTER_KEYS must be "id:base64 of 32 bytes", the current one first, with commas.');
  }
  const keys = {
    idDocumentKey: keyOf('SEATLOG_ID_DOCUMENT_KEY'),
    tokenKey: keyOf('SEATLOG_TOKEN_KEY'),
    callbackKey: keyOf('SEATLOG_CALLBACK_KEY'),
    ticketKey: keyOf('SEATLOG_TICKET_KEY'),
    auditKey: isAuditKey ? keyOf(ADDED) : undefined,
  };
  if (masterKeys.kind === 'refused' || problems.length > 0) throw new ConfigError(problems);
  return { masterKeys: masterKeys.value, ...keys };
}

/**
 * A secret as a command of the `seatlog` program needs it: the setting, else what the embedded set-up in this data
 * folder keeps. Undefined where there is neither.
 */
export function secretOf(config: Config, setting: Exclude<SecretSetting, 'SEATLOG_MASTER_KEYS'>) {
  const file = join(resolve(config.dataDir), FILE);
  const text = config[keyOfSetting[setting]] ?? (existsSync(file) ? read(file)[setting] : undefined);
  const parsed = text === undefined ? undefined : parseSecretKey(text);
  return parsed?.kind === 'valid' ? parsed.value : undefined;
}

/** The keys that open personal data, found as `secretOf` finds others. Undefined where there are none, or malformed. */
export function masterKeysOf(config: Config): MasterKeys | undefined {
  const file = join(resolve(config.dataDir), FILE);
  const text = config.masterKeys ?? (existsSync(file) ? read(file).SEATLOG_MASTER_KEYS : undefined);
  const parsed = text === undefined ? undefined : parseMasterKeys(text);
  return parsed?.kind === 'valid' ? parsed.value : undefined;
}

const keyOfSetting = {
  SEATLOG_MASTER_KEYS: 'masterKeys',
  SEATLOG_ID_DOCUMENT_KEY: 'idDocumentKey',
  SEATLOG_TOKEN_KEY: 'tokenKey',
  SEATLOG_CALLBACK_KEY: 'callbackKey',
  SEATLOG_TICKET_KEY: 'ticketKey',
  SEATLOG_AUDIT_KEY: 'auditKey',
} as const satisfies Record<SecretSetting, keyof Config>;

const read = (file: string): StoredSecrets => storedSecrets.parse(JSON.parse(readFileSync(file, 'utf8')));

/** Renamed into place, so that an interrupted start leaves no half file. */
function makeStored(file: string): StoredSecrets {
  const newKey = (): string => randomBytes(KEY_BYTES).toString('base64');
  const isNew = !existsSync(file);
  const stored = isNew ? {} : read(file);
  if (stored[ADDED] !== undefined) return stored;
  const first: StoredSecrets = {
    SEATLOG_MASTER_KEYS: `1:${newKey()}`,
    SEATLOG_ID_DOCUMENT_KEY: newKey(),
    SEATLOG_TOKEN_KEY: newKey(),
    SEATLOG_CALLBACK_KEY: newKey(),
    SEATLOG_TICKET_KEY: newKey(),
  };
  const made = { ...(isNew ? first : stored), [ADDED]: newKey() };
  writeFileSync(`${file}.new`, `${JSON.stringify(made, undefined, 2)}\n`, { mode: OWNER_ONLY });
  renameSync(`${file}.new`, file);
  return made;
}
