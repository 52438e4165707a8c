/** Where a command of the `seatlog` program finds the stores of a running engine, and how it opens them. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Config, ConfigError, type Environment, readConfig } from '../config.ts';

export type StoreFlags = {
  readonly dataDir?: string;
  readonly eventstoreUrl?: string;
  readonly postgresUrl?: string;
  readonly redisUrl?: string;
};

/** Wrong use of a command: its message is for people and never holds a secret. */
export class UsageError extends Error {}

export const isUsageError = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof UsageError;

/** Gives a command the options that `StoreFlags` names. */
export const withStoreOptions = (command: Command): Command =>
  command
    .option('--data-dir <folder>', 'data folder of the embedded stores')
    .option('--eventstore-url <url>', 'event store (default: as the engine of this environment)')
    .option('--postgres-url <url>', 'PostgreSQL (default: as the engine of this environment)')
    .option('--redis-url <url>', 'Redis (default: as the engine of this environment)');

/** The engine's settings, as this environment and `--data-dir` have them. Throws `ConfigError`. */
export const configOf = ({ dataDir }: StoreFlags, environment: Environment): Config =>
  readConfig(dataDir === undefined ? environment : { ...environment, SEATLOG_DATA_DIR: dataDir });

/** Each throws `UsageError` where nothing tells the address, and is asked only where the store is needed. */
export const eventStoreUrlOf = (flags: StoreFlags, config: Config): string =>
  flags.eventstoreUrl ??
  config.eventStoreUrl ??
  `esdb://127.0.0.1:${known('--eventstore-url', config.embeddedEventStorePort)}?tls=false`;

export const postgresUrlOf = (flags: StoreFlags, config: Config): string =>
  flags.postgresUrl ?? config.postgresUrl ?? embeddedPostgresUrl(config);

export const redisUrlOf = (flags: StoreFlags, config: Config): string =>
  flags.redisUrl ?? config.redisUrl ?? `redis://127.0.0.1:${known('--redis-url', config.embeddedRedisPort)}`;

function embeddedPostgresUrl(config: Config): string {
  const file = join(resolve(config.dataDir), 'postgres-password');
  if (!existsSync(file)) throw new UsageError(`${file} is not there: give --data-dir or --postgres-url.`);
  const password = readFileSync(file, 'utf8').trim();
  const port = known('--postgres-url', config.embeddedPostgresPort);
  return `postgres://seatlog:${password}@127.0.0.1:${port}/seatlog`;
}

/** Port 0 was any free one: only the engine's welcome tells which. */
function known(flag: string, port: number): number {
  if (port !== 0) return port;
  throw new UsageError(`The store runs on a port that only the engine knows: give its address with ${flag}.`);
}
