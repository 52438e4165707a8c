/** The built engine with its embedded stores, as its users start it, for a benchmark alone. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { openPostgres } from '../../src/postgres/pool.ts';
import { companions, type Environment, startEngine, stopEngine } from '../../test/support/engine.ts';
import { cpuMsOf, familyCpuMs } from './cpu.ts';

const WARNING = /^\{"level":"(?:warn|error|fatal)"/;

export type StoreName = 'devstore' | 'redis' | 'postgres';

export type EngineUnderTest = {
  readonly url: string;
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly eventStoreUrl: string;
  /** CPU time so far in ms: of the engine's process alone, or of a store with all its processes. */
  readonly cpuMs: (of: 'engine' | StoreName) => number;
  /** What it has logged as a warning or worse so far, a line each. */
  readonly warnings: () => readonly string[];
  /** A database in its PostgreSQL that nobody else uses, by its URL. */
  readonly createDatabase: () => Promise<string>;
  /** Ends it with its stores and deletes their data. */
  readonly close: () => Promise<void>;
};

/** `folder` is on a real disk, or commits cost nothing. */
export const openEngine = async (folder: string, settings: Environment = {}): Promise<EngineUnderTest> => {
  mkdirSync(folder, { recursive: true });
  const dataDir = mkdtempSync(join(resolve(folder), 'engine-'));
  const engine = startEngine(dataDir, settings);
  const close = async (): Promise<void> => {
    await stopEngine(engine);
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const shown = await engine.ready();
    const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8');
    const postgresUrl = (shown['PostgreSQL'] ?? '').replace('***', password);
    const stores = companions(dataDir);
    return {
      url: (shown['API'] ?? '').replace(/\/$/, ''),
      postgresUrl,
      redisUrl: shown['Redis'] ?? '',
      eventStoreUrl: shown['Event store'] ?? '',
      cpuMs: (of) => {
        const { pid = 0 } = of === 'engine' ? engine.process : (stores[of] ?? {});
        return (of === 'engine' ? cpuMsOf(pid) : familyCpuMs(pid)) ?? Number.NaN;
      },
      warnings: () =>
        engine
          .output()
          .split('\n')
          .filter((line) => WARNING.test(line)),
      createDatabase: () => createDatabase(postgresUrl),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const createDatabase = async (serverUrl: string): Promise<string> => {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  const { db, close } = openPostgres({ url: serverUrl, max: 1, onError: () => undefined });
  await sql`create database ${sql.ref(name)}`.execute(db);
  await close();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
};
