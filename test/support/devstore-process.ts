/**
 * Runs the built devstore as the separate process that users get, so that tests can kill, stop and restart it.
 * Every process is watched by a tiny shell that kills it when the test process goes away, however it goes away.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../dist/cli/seatlog.js');
const READY = /devstore listening on (esdb:\/\/127\.0\.0\.1:(\d+)\?tls=false)/;
const START_TIMEOUT_MS = 20_000;
const EXIT_TIMEOUT_MS = 20_000;

export type DevstoreOptions = {
  readonly dataDir?: string;
  readonly port?: number;
  readonly maxAppendSize?: number;
  readonly memory?: boolean;
  readonly nodeArguments?: readonly string[];
};

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type Devstore = {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything the process has printed on both channels, over all its restarts. */
  output(): string;
  /** Sends the signal and waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Starts it again on the same port and data directory; the process must be gone before. */
  restart(): Promise<void>;
  /** Ends the process and deletes the data directory if this module created it. */
  close(): Promise<void>;
};

type Running = { readonly child: ChildProcess; readonly exited: Promise<Exit>; text: string };

/** Spawns the command line program with these arguments and collects what it prints. */
export function spawnSeatlog(args: readonly string[], nodeArguments: readonly string[] = []): Running {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: run "npm run build" before this test.`);
  const child = spawn(process.execPath, [...nodeArguments, CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watchdog = spawn('sh', ['-c', 'read -r _; kill -9 "$1" 2>/dev/null', 'watchdog', `${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = new Promise<Exit>((done) => {
    child.once('close', (code, signal) => {
      watchdog.kill('SIGKILL');
      done({ code, signal });
    });
  });
  const running: Running = { child, exited, text: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    running.text += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    running.text += chunk;
  });
  return running;
}

/** Runs the program to its end: for wrong options, a port in use and the like. */
export async function runSeatlog(args: readonly string[]): Promise<Exit & { readonly output: string }> {
  const running = spawnSeatlog(args);
  const exit = await within(EXIT_TIMEOUT_MS, running.exited, running, 'did not exit');
  return { ...exit, output: running.text };
}

export async function startDevstore(options: DevstoreOptions = {}): Promise<Devstore> {
  const ownDir = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'seatlog-devstore-')));
  let port = options.port ?? 0;
  let url = '';
  let earlierText = '';
  const start = async (): Promise<Running> => {
    const running = spawnSeatlog(commandLine(options, port, dataDir), options.nodeArguments);
    const ready = await untilReady(running);
    port = ready.port;
    url = ready.url;
    return running;
  };
  let running = await start();
  const kill = (signal: NodeJS.Signals): Promise<Exit> => {
    running.child.kill(signal);
    return within(EXIT_TIMEOUT_MS, running.exited, running, `did not end after ${signal}`);
  };
  return {
    get url() {
      return url;
    },
    get port() {
      return port;
    },
    get pid() {
      return running.child.pid ?? -1;
    },
    dataDir,
    output: () => earlierText + running.text,
    kill,
    restart: async () => {
      earlierText += running.text;
      running = await start();
    },
    close: async () => {
      await kill('SIGKILL');
      if (ownDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function commandLine(options: DevstoreOptions, port: number, dataDir: string): string[] {
  const args = ['devstore', '--port', `${port}`];
  args.push(...(options.memory ? ['--memory'] : ['--data-dir', dataDir]));
  if (options.maxAppendSize !== undefined) args.push('--max-append-size', `${options.maxAppendSize}`);
  return args;
}

async function untilReady(running: Running): Promise<{ url: string; port: number }> {
  const ready = new Promise<{ url: string; port: number }>((done, fail) => {
    const look = (): void => {
      const match = READY.exec(running.text);
      if (match?.[1] && match[2]) done({ url: match[1], port: Number(match[2]) });
    };
    running.child.stdout?.on('data', look);
    running.exited.then((exit) =>
      fail(new Error(`devstore exited (${JSON.stringify(exit)}) before it was ready: ${running.text}`)),
    );
  });
  try {
    return await within(START_TIMEOUT_MS, ready, running, 'did not say that it is listening');
  } catch (error) {
    running.child.kill('SIGKILL');
    throw error;
  }
}

async function within<T>(limitMs: number, work: Promise<T>, running: Running, what: string): Promise<T> {
  const timer = new AbortController();
  const late = once(AbortSignal.any([AbortSignal.timeout(limitMs), timer.signal]), 'abort').then(
    (): never => {
      throw new Error(`devstore ${what} within ${limitMs} ms: ${running.text}`);
    },
  );
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
