/** The folder that holds all that the embedded stores write, locked for one engine. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StoreError } from './error.ts';
import { endServers, type Lock, rewriteLock, takeLock } from './lock.ts';
import { identifyProcess } from './process-identity.ts';

const LOCK = 'engine.lock';
/** All that an engine keeps in its folder; emptying removes these and never a file of somebody else. */
const CONTENTS = [
  'postgres',
  'postgres.new',
  'postgres-password',
  'redis',
  'eventstore',
  'logs',
  'secrets.json',
] as const;

export type DataFolder = {
  readonly path: string;
  file(name: (typeof CONTENTS)[number], ...rest: readonly string[]): string;
  /** Writes down who must be gone before another engine may open this folder. */
  recordGuard(pid: number): void;
  recordServer(name: string, pid: number, signal: NodeJS.Signals): void;
  /** Ends recorded servers that still run. */
  endServers(): Promise<void>;
  /** Deletes everything the embedded stores have ever written here. */
  empty(): void;
  release(): void;
};

/** Opens and locks the folder. Throws `StoreError` when it is in use or cannot be written. */
export async function openDataFolder(directory: string): Promise<DataFolder> {
  const path = resolve(directory);
  const lockFile = join(path, LOCK);
  const engine = identifyProcess(process.pid);
  if (engine === undefined) throw new Error('This process cannot read its own start time.');
  let lock: Lock = { engine, servers: {} };
  const write = (change: Partial<Lock>): void => {
    lock = { ...lock, ...change };
    rewriteLock(lockFile, lock);
  };

  createFolder(path);
  await takeLock(lockFile, lock);
  mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 });
  return {
    path,
    file: (name, ...rest) => join(path, name, ...rest),
    recordGuard(pid) {
      const guard = identifyProcess(pid);
      if (guard !== undefined) write({ guard });
    },
    recordServer(name, pid, signal) {
      const server = identifyProcess(pid);
      if (server !== undefined) write({ servers: { ...lock.servers, [name]: { ...server, signal } } });
    },
    endServers: () => endServers(lock),
    empty() {
      for (const name of CONTENTS) rmSync(join(path, name), { recursive: true, force: true });
      mkdirSync(join(path, 'logs'), { mode: 0o700 });
    },
    release: () => rmSync(lockFile, { force: true }),
  };
}

function createFolder(path: string): void {
  const probe = join(path, `.write-${process.pid}`);
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      `The data folder ${path} cannot be written (${reason}): give this user the right to, or set ` +
        'SEATLOG_DATA_DIR to another folder.',
      { cause },
    );
  }
}
