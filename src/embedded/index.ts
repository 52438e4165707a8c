/**
 * The stores that run beside the engine on one machine. Each one that the configuration replaces by a URL is
 * not started; what is returned are URLs in every case, so that the engine has a single way to its stores.
 */
import type { Config } from '../config.ts';
import type { Releasers } from '../lifecycle.ts';
import type { Logger } from '../telemetry/log.ts';
import { openDataFolder } from './data-folder.ts';
import { startDevstore } from './devstore.ts';
import { StoreError } from './error.ts';
import { startGuard } from './guard.ts';
import type { Launcher } from './launch.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

export { StoreError } from './error.ts';
export { settlePort } from './port.ts';

export type StoreUrls = {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly eventStoreUrl: string;
  /** Where embedded stores keep their data; undefined when none is embedded. */
  readonly dataFolder: string | undefined;
};

export type EmbeddedOptions = {
  readonly config: Config;
  readonly releasers: Releasers;
  readonly log: Logger;
  /** Built files that run as processes of their own. */
  readonly programs: { readonly guard: string; readonly seatlog: string };
  /** Empty the data folder before starting. */
  readonly fresh: boolean;
  readonly onLost: (error: Error) => void;
};

/** Starts the embedded stores, all at once. Throws `StoreError` when one cannot run on this machine. */
export async function startStores(options: EmbeddedOptions): Promise<StoreUrls> {
  const { config, releasers } = options;
  const { postgresUrl, redisUrl, eventStoreUrl } = config;
  if (postgresUrl !== undefined && redisUrl !== undefined && eventStoreUrl !== undefined) {
    return { postgresUrl, redisUrl, eventStoreUrl, dataFolder: undefined };
  }
  if (process.platform === 'win32') {
    throw new StoreError('The embedded stores do not run on Windows: use WSL, or set all three store URLs.');
  }

  const launcher = await openLauncher(options);
  const redis = { port: config.embeddedRedisPort, program: config.redisServerProgram };
  const devstore = { port: config.embeddedEventStorePort, programFile: options.programs.seatlog };
  const starting = [
    postgresUrl ?? startPostgres(launcher, config.embeddedPostgresPort),
    redisUrl ?? startRedis(launcher, redis),
    eventStoreUrl ?? startDevstore(launcher, devstore),
  ] as const;
  try {
    const [postgres, redis, eventStore] = await Promise.all(starting);
    return {
      postgresUrl: postgres,
      redisUrl: redis,
      eventStoreUrl: eventStore,
      dataFolder: launcher.folder.path,
    };
  } catch (error) {
    // The others would otherwise still be starting while the caller already closes everything.
    await Promise.allSettled([releasers.releaseAll(), ...starting]);
    throw error;
  }
}

async function openLauncher(options: EmbeddedOptions): Promise<Launcher> {
  const { config, releasers, log, programs, fresh, onLost } = options;
  const folder = await openDataFolder(config.dataDir);
  await releasers.add('the lock of the data folder', folder.release);
  if (fresh) folder.empty();
  const guard = await startGuard(programs.guard);
  await releasers.add('the embedded stores', async () => {
    await guard.close();
    // Only a guard that was itself killed leaves any.
    await folder.endServers();
  });
  folder.recordGuard(guard.pid);
  const closing = (): boolean => releasers.closing;
  void guard.ended.then(() => {
    if (!closing()) onLost(new StoreError('The guard of the embedded stores was killed.'));
  });
  return { guard, folder, startTimeoutMs: config.storeStartTimeoutMs, log, closing, onLost };
}
