/** Real stores for a test file: `seatlog stores` runs them, and ends them when the file is done. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Engine, startEngine, stopEngine, temporaryFolder } from './engine.ts';

export type TestStores = {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly eventStoreUrl: string;
};

/** Call it once at the top of a test file; the fields may be used inside hooks and tests. */
export function useStores(): TestStores {
  let urls: TestStores | undefined;
  let engine: Engine | undefined;
  let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const dataDir = join(folder.path, 'data');
    engine = startEngine(dataDir, {}, [], 'stores');
    const shown = await engine.ready();
    urls = {
      postgresUrl: postgresUrlOf(dataDir, shown),
      redisUrl: shown['Redis'] ?? '',
      eventStoreUrl: shown['Event store'] ?? '',
    };
  });
  afterAll(async () => {
    if (engine !== undefined) await stopEngine(engine);
    await folder?.remove();
  });
  const started = (): TestStores => {
    if (urls === undefined) throw new Error('The stores of this file have not been started yet.');
    return urls;
  };
  return {
    get postgresUrl() {
      return started().postgresUrl;
    },
    get redisUrl() {
      return started().redisUrl;
    },
    get eventStoreUrl() {
      return started().eventStoreUrl;
    },
  };
}

/** Of an engine's welcome, which masks the password. */
export function postgresUrlOf(dataDir: string, shown: Readonly<Record<string, string>>): string {
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8');
  return (shown['PostgreSQL'] ?? '').replace('***', password);
}
