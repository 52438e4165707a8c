/** Runs the built engine as its users do: a process of its own, with a data folder and free ports of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Exit } from '../../src/embedded/guard.ts';
import type { Lock } from '../../src/embedded/lock.ts';
import { isRunning, type ProcessIdentity } from '../../src/embedded/process-identity.ts';
import { until } from './until.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/cli/seatlog.js');
const READY = /(?:Seatlog is|The stores are) ready\.\n(?: {2}.*\n)+/;

export type Environment = Readonly<Record<string, string>>;

export type Engine = {
  readonly process: ChildProcess;
  readonly exited: Promise<Exit>;
  /** Everything it has printed on both channels. */
  output(): string;
  /** A line of its welcome, for example "Redis". Rejects when the engine ends before it is ready. */
  ready(): Promise<Readonly<Record<string, string>>>;
};

const TEST_SETTINGS: Environment = {
  SEATLOG_HTTP_PORT: '0',
  SEATLOG_EMBEDDED_POSTGRES_PORT: '0',
  SEATLOG_EMBEDDED_REDIS_PORT: '0',
  SEATLOG_EMBEDDED_EVENTSTORE_PORT: '0',
  // A busy machine is no reason to call a store down.
  SEATLOG_READINESS_TIMEOUT_MS: '10000',
  SEATLOG_PAYMENT_PROVIDER: 'simulated',
};

/** Runs `seatlog` with these arguments and no other settings than these. */
export function runSeatlog(args: readonly string[], settings: Environment = {}): Engine {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SEATLOG_'));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...Object.fromEntries(inherited), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stdout = '';
  const exited = new Promise<Exit>((done) => {
    child.once('close', (code, signal) => done({ code, signal }));
  });
  const welcomed = new Promise<string>((done, failed) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      stdout += text;
      const welcome = READY.exec(stdout)?.[0];
      if (welcome?.includes('Data folder')) done(welcome);
    });
    void exited.then(() => failed(new Error(`The engine ended before it was ready:\n${output}`)));
  });
  welcomed.catch(() => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    process: child,
    exited,
    output: () => output,
    async ready() {
      const lines = (await welcomed).matchAll(/^ {2}(.{12}) (.*)$/gm);
      return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name.trim(), value]));
    },
  };
}

export function startEngine(
  dataDir: string,
  settings: Environment = {},
  args: readonly string[] = [],
  command: 'start' | 'stores' = 'start',
): Engine {
  return runSeatlog([command, ...args], { ...TEST_SETTINGS, SEATLOG_DATA_DIR: dataDir, ...settings });
}

/** Ends an engine as a supervisor would, and returns how it ended. */
export function stopEngine(engine: Engine): Promise<Exit> {
  engine.process.kill('SIGTERM');
  return engine.exited;
}

/** Everything an engine runs beside itself, by name, as its lock file says. */
export function companions(dataDir: string): Readonly<Record<string, ProcessIdentity>> {
  const lock = JSON.parse(readFileSync(join(dataDir, 'engine.lock'), 'utf8')) as Lock;
  const { initdb: _ended, ...servers } = lock.servers;
  return lock.guard === undefined ? servers : { ...servers, guard: lock.guard };
}

export async function allGone(processes: Readonly<Record<string, ProcessIdentity>>): Promise<void> {
  await until('all processes are gone', () => !Object.values(processes).some(isRunning));
}

/** A folder that is deleted after the test file; call `remove` in `afterAll`. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'seatlog-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Of an engine's welcome, which masks the password. */
export function postgresUrlOf(dataDir: string, shown: Readonly<Record<string, string>>): string {
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8');
  return (shown['PostgreSQL'] ?? '').replace('***', password);
}
