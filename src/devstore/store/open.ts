/** Opens the LMDB environment: four tables in one file, and the lock that keeps a second server out. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

/** All keys and values are bytes; numbers in keys are big-endian so that they sort. */
export type Table = Database<Buffer, Buffer>;

export type Tables = {
  readonly env: RootDatabase<Buffer, Buffer>;
  /** position -> record */
  readonly records: Table;
  /** stream id, revision -> position */
  readonly index: Table;
  /** stream name -> row */
  readonly streams: Table;
  /** persistent subscription groups */
  readonly groups: Table;
  readonly close: () => Promise<void>;
};

/** The data folder cannot be used. The message is a sentence for people. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

const BYTES_ONLY = { encoding: 'binary', keyEncoding: 'binary' } as const;
const MEMORY_PREFIX = 'devstore-memory-';

/** `dataDir` undefined keeps nothing: a folder in memory (or the system's temporary one), gone on close. */
export const openTables = (dataDir: string | undefined): Tables => {
  const folder = dataDir ?? makeMemoryFolder();
  const unlock = lockFolder(folder);
  try {
    const env = open<Buffer, Buffer>({
      path: join(folder, 'events.lmdb'),
      noSubdir: true,
      maxDbs: 8,
      // Every commit waits for the disk: an acknowledged append survives the machine.
      noSync: dataDir === undefined,
      overlappingSync: false,
      ...BYTES_ONLY,
    });
    const table = (name: string): Table => env.openDB<Buffer, Buffer>({ name, ...BYTES_ONLY });
    return {
      env,
      records: table('records'),
      index: table('index'),
      streams: table('streams'),
      groups: table('groups'),
      close: async () => {
        await env.close();
        unlock();
        if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    unlock();
    throw new DataFolderError(`cannot open the store in ${folder}: ${(cause as Error).message}`, { cause });
  }
};

const makeMemoryFolder = (): string => {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  for (const name of readdirSync(parent)) {
    const pid = Number(
      name.startsWith(MEMORY_PREFIX) ? name.slice(MEMORY_PREFIX.length).split('-')[0] : Number.NaN,
    );
    if (pid > 0 && !isRunning(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${MEMORY_PREFIX}${process.pid}-`));
};

/** A file with our pid and its start time; one left by a crash names a process that is no longer there. */
const lockFolder = (folder: string): (() => void) => {
  const file = join(folder, 'devstore.lock');
  try {
    mkdirSync(folder, { recursive: true });
    if (!tryLock(file)) {
      const [pid, startedAt] = readFileSync(file, 'utf8').split(' ');
      if (isRunning(Number(pid)) && startTimeOf(Number(pid)) === startedAt) {
        throw new DataFolderError(`data folder ${folder} is in use by another devstore (pid ${pid})`);
      }
      rmSync(file, { force: true });
      if (!tryLock(file)) throw new DataFolderError(`data folder ${folder} is in use by another devstore`);
    }
  } catch (cause) {
    if (cause instanceof DataFolderError) throw cause;
    throw new DataFolderError(`cannot use data folder ${folder}: ${(cause as Error).message}`, { cause });
  }
  return () => rmSync(file, { force: true });
};

const tryLock = (file: string): boolean => {
  try {
    writeFileSync(file, `${process.pid} ${startTimeOf(process.pid)}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const isRunning = (pid: number): boolean => {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Tells a process from a later one with the same pid, where the system says (Linux); else always ''. */
const startTimeOf = (pid: number): string => {
  try {
    // Field 22 of /proc/PID/stat; the name in field 2 may hold spaces, so count from its closing bracket.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return '';
  }
};
