/** The server under test: a devstore process of its own, or any server that a connection string names. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startDevstore } from '../../test/support/devstore-process.ts';
import { cpuMsOf } from '../support/cpu.ts';

export type ServerUnderTest = {
  readonly url: string;
  /** What to call it in the results. */
  readonly label: string;
  /** CPU time it has used so far in ms; undefined for a server that is not ours. */
  readonly cpuMs: () => number | undefined;
  readonly close: () => Promise<void>;
};

export type ServerOptions = {
  readonly url: string | undefined;
  /** Where a devstore keeps its events while the benchmark runs: a real disk, or fsync costs nothing. */
  readonly folder: string;
  /** Writes a CPU profile of the devstore here when it ends. */
  readonly profileFolder: string | undefined;
};

export const openServer = async (options: ServerOptions): Promise<ServerUnderTest> => {
  const { url, folder, profileFolder } = options;
  if (url !== undefined) {
    return { url, label: withoutCredentials(url), cpuMs: () => undefined, close: () => Promise.resolve() };
  }
  mkdirSync(folder, { recursive: true });
  const dataDir = mkdtempSync(join(folder, 'store-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  const nodeArguments = profileFolder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
  try {
    const devstore = await startDevstore({ dataDir, nodeArguments });
    return {
      url: devstore.url,
      label: 'devstore in a process of its own',
      cpuMs: () => cpuMsOf(devstore.pid),
      close: async () => {
        // A profile is written on a regular end only.
        await devstore.kill(profileFolder === undefined ? 'SIGKILL' : 'SIGTERM');
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
};

/** Results are passed on; a password in the connection string must not be. */
const withoutCredentials = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');
