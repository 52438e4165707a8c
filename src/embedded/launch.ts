/** Starts one embedded server, waits until it answers, and starts it again when it ends by itself. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../telemetry/log.ts';
import type { DataFolder } from './data-folder.ts';
import { StoreError } from './error.ts';
import type { Exit, Guard, RunningServer } from './guard.ts';
import type { ServerSpec } from './guard-protocol.ts';

const POLL_MS = 25;
const MAX_RESTARTS_IN_A_ROW = 5;
const STEADY_AFTER_MS = 60_000;

export type Launcher = {
  readonly guard: Guard;
  readonly folder: DataFolder;
  readonly startTimeoutMs: number;
  readonly log: Logger;
  /** True once the stores are being closed, when ending is what a server should do. */
  readonly closing: () => boolean;
  /** Called when a server cannot be kept running. */
  readonly onLost: (error: Error) => void;
};

/** A server's spec and the question whether it answers; `isReady` throws when waiting on is pointless. */
export type Launchable = { readonly spec: ServerSpec; readonly isReady: () => Promise<boolean> };

/** Runs a program of the embedded stores to its end. Throws `StoreError` unless it exits with 0. */
export async function runToEnd(launcher: Launcher, spec: ServerSpec): Promise<void> {
  const logStart = sizeOf(spec.logFile);
  const server = await start(launcher, spec);
  const exit = await server.exited;
  if (exit.code !== 0) throw ended(spec, exit, logStart);
}

/** Starts a server and keeps it running until the guard is closed. */
export async function keepRunning(launcher: Launcher, launchable: Launchable): Promise<void> {
  const server = await launch(launcher, launchable);
  void restartOnExit(launcher, launchable, server);
}

async function restartOnExit(
  launcher: Launcher,
  launchable: Launchable,
  first: RunningServer,
): Promise<void> {
  const { name } = launchable.spec;
  let server = first;
  let restarts = 0;
  let startedAtMs = performance.now();
  for (;;) {
    const exit = await server.exited;
    if (launcher.closing()) return;
    if (performance.now() - startedAtMs > STEADY_AFTER_MS) restarts = 0;
    restarts += 1;
    if (restarts > MAX_RESTARTS_IN_A_ROW) {
      launcher.onLost(new StoreError(`${name} keeps ending; see ${launchable.spec.logFile}.`));
      return;
    }
    launcher.log.error(
      { store: name, ...exit, restarts },
      'An embedded store ended by itself: starting it again.',
    );
    try {
      startedAtMs = performance.now();
      server = await launch(launcher, launchable);
    } catch (error) {
      if (!launcher.closing()) launcher.onLost(error instanceof Error ? error : new Error(String(error)));
      return;
    }
  }
}

async function launch(launcher: Launcher, { spec, isReady }: Launchable): Promise<RunningServer> {
  const logStart = sizeOf(spec.logFile);
  const deadline = performance.now() + launcher.startTimeoutMs;
  const server = await start(launcher, spec);
  let exit: Exit | undefined;
  void server.exited.then((value) => {
    exit = value;
  });
  while (!(await isReady())) {
    if (exit !== undefined) throw ended(spec, exit, logStart);
    if (performance.now() > deadline) {
      throw new StoreError(
        `${spec.name} did not answer within ${launcher.startTimeoutMs} ms; see ${spec.logFile}.`,
      );
    }
    await delay(POLL_MS);
  }
  return server;
}

async function start({ guard, folder }: Launcher, spec: ServerSpec): Promise<RunningServer> {
  const server = await guard.start(spec);
  folder.recordServer(spec.name, server.pid, spec.stop[0]?.signal ?? 'SIGTERM');
  return server;
}

function ended(spec: ServerSpec, exit: Exit, logStart: number): StoreError {
  const how =
    exit.code === null ? `was ended by ${exit.signal ?? 'its guard'}` : `ended with code ${exit.code}`;
  return new StoreError(
    `${spec.name} ${how} while starting: ${lastWords(spec.logFile, logStart)} (${spec.logFile})`,
  );
}

/** The line of the log that most likely says why: the last that sounds like an error, else the last. */
function lastWords(logFile: string, from: number): string {
  if (!existsSync(logFile)) return 'it logged nothing';
  const lines = readFileSync(logFile)
    .subarray(from)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.filter((line) => /fatal|error|can't|cannot|could not|failed|denied/i.test(line));
  return telling.at(-1) ?? lines.at(-1) ?? 'it logged nothing';
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
