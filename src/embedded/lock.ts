/**
 * The lock that keeps a second engine out of a data folder: a file that names the engine and all it started.
 * A lock left by a crash is taken over, once nothing that the crashed engine started is still running.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from './error.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

const POLL_MS = 25;
/** Longer than the guard needs to end servers that ignore every polite signal. */
const GUARD_WAIT_MS = 30_000;
const LEFTOVER_WAIT_MS = 5_000;

export type Lock = {
  readonly engine: ProcessIdentity;
  readonly guard?: ProcessIdentity;
  /** The servers by name, each with the signal that ends it politely. */
  readonly servers: Readonly<Record<string, ProcessIdentity & { readonly signal: NodeJS.Signals }>>;
};

/** Takes the lock. Throws `StoreError` while another engine, or what it left running, holds it. */
export async function takeLock(file: string, lock: Lock): Promise<void> {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(lock), { mode: 0o600 });
  try {
    // Linking a complete file is atomic: nobody ever reads half a lock, and only one of two rivals succeeds.
    while (!tryLink(mine, file)) await removeStale(file, mine);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Replaces what a lock that is already held says. */
export function rewriteLock(file: string, lock: Lock): void {
  writeFileSync(`${file}.next`, JSON.stringify(lock), { mode: 0o600 });
  renameSync(`${file}.next`, file);
}

/** Ends those of a lock's servers that still run, politely first. Meant for servers that lost their guard. */
export async function endServers(lock: Lock): Promise<void> {
  for (const server of Object.values(lock.servers)) {
    for (const signal of [server.signal, 'SIGKILL'] as const) {
      if (!isRunning(server)) break;
      process.kill(server.pid, signal);
      await gone(server, LEFTOVER_WAIT_MS);
    }
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(file: string, mine: string): Promise<void> {
  const text = readLock(file);
  if (text === undefined) return;
  const holder = parseLock(text);
  if (holder !== undefined) {
    if (isRunning(holder.engine)) {
      throw new StoreError(
        `Another engine (process ${holder.engine.pid}) is using the data folder ${dirname(file)}: stop it, or set ` +
          'SEATLOG_DATA_DIR to another folder.',
      );
    }
    await outliveGuard(file, holder);
    await endServers(holder);
  }
  // A rival may have replaced the stale lock meanwhile: what was moved away must be what was judged.
  const stale = `${mine}.stale`;
  try {
    renameSync(file, stale);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (readLock(stale) !== text) tryLink(stale, file);
  rmSync(stale, { force: true });
}

async function outliveGuard(file: string, { guard }: Lock): Promise<void> {
  if (guard === undefined || (await gone(guard, GUARD_WAIT_MS))) return;
  throw new StoreError(
    `The stores of an engine that crashed are still shutting down (process ${guard.pid}, ${dirname(file)}).`,
  );
}

/** A process that is not our child announces its end to nobody, so this has to look again and again. */
async function gone(identity: ProcessIdentity, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a file that a power cut has garbled: it belongs to an engine that no longer runs. */
function parseLock(text: string): Lock | undefined {
  try {
    const lock = JSON.parse(text) as Partial<Lock> | null;
    return lock?.engine === undefined ? undefined : { servers: {}, ...lock, engine: lock.engine };
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
