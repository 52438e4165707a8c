/**
 * The guard: a small process that starts the embedded servers for the engine and owns them. The channel to the
 * engine closes when the engine ends, however it ends, kill -9 included; the guard then ends every server and
 * itself, so that no orphan keeps a port or a data folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import type { GuardReport, GuardRequest, ServerSpec } from './guard-protocol.ts';

const MAX_LOG_BYTES = 10 * 1_024 * 1_024;

type Server = { readonly child: ChildProcess; readonly spec: ServerSpec; readonly ended: Promise<void> };

const servers = new Set<Server>();
let closing = false;

// The engine decides when the servers end: a signal to the whole process group must not overtake it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('message', (request: GuardRequest) => start(request.spec));
process.on('disconnect', () => void endAll());

function report(message: GuardReport): void {
  // A send may race with the engine's end; the disconnect handler then does all that is left to do.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function start(spec: ServerSpec): void {
  if (closing) return;
  const { name } = spec;
  const log = openLog(spec.logFile);
  const child = spawn(spec.command, spec.args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...spec.environment },
    ...spec.user,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) report({ type: 'failed', name, message: error.message });
      resolve();
    });
    child.once('exit', (code, signal) => {
      servers.delete(server);
      report({ type: 'exited', name, code, signal });
      resolve();
    });
  });
  const server: Server = { child, spec, ended };
  if (child.pid === undefined) return;
  servers.add(server);
  report({ type: 'started', name, pid: child.pid });
}

function openLog(file: string): number {
  try {
    if (statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // There is no log yet.
  }
  return openSync(file, 'a', 0o600);
}

async function endAll(): Promise<void> {
  closing = true;
  await Promise.all([...servers].map(end));
  process.exit(0);
}

async function end(server: Server): Promise<void> {
  for (const { signal, waitMs } of server.spec.stop) {
    server.child.kill(signal);
    if (await within(server.ended, waitMs)) return;
  }
  server.child.kill('SIGKILL');
  await server.ended;
}

async function within(ended: Promise<void>, waitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), waitMs);
  });
  const inTime = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
