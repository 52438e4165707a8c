/** The engine's side of the guard: starts it, hands it servers to run, and hears when one of them ends. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { GuardReport, GuardRequest, ServerSpec } from './guard-protocol.ts';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type RunningServer = { readonly pid: number; readonly exited: Promise<Exit> };

export type Guard = {
  readonly pid: number;
  /** Resolves when the guard itself has ended. */
  readonly ended: Promise<void>;
  /** Runs a server; rejects when its program cannot be run at all. */
  start(spec: ServerSpec): Promise<RunningServer>;
  /** Ends every server and the guard; resolves when all are gone. */
  close(): Promise<void>;
};

type Waiting = { started: (server: RunningServer) => void; failed: (error: Error) => void };

/** Starts a guard. `file` is the built `guard-process.js`: plain JavaScript that Node runs as it is. */
export async function startGuard(file: string): Promise<Guard> {
  // A process group of its own keeps the terminal's Ctrl-C, meant for the engine, away from the servers.
  const child = fork(file, [], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const waiting = new Map<string, Waiting>();
  const exits = new Map<string, (exit: Exit) => void>();

  child.on('message', (report: GuardReport) => {
    const { name } = report;
    const starter = waiting.get(name);
    if (report.type === 'exited') {
      exits.get(name)?.({ code: report.code, signal: report.signal });
      return;
    }
    waiting.delete(name);
    if (report.type === 'failed') {
      starter?.failed(new Error(`${name} cannot be run: ${report.message}`));
      return;
    }
    const exited = new Promise<Exit>((resolve) => {
      exits.set(name, resolve);
    });
    starter?.started({ pid: report.pid, exited });
  });
  void ended.then(() => {
    for (const { failed } of waiting.values())
      failed(new Error('The guard of the embedded stores has ended.'));
    for (const exit of exits.values()) exit({ code: null, signal: null });
  });
  await once(child, 'spawn');

  return {
    pid: child.pid ?? 0,
    ended,
    start(spec) {
      return new Promise((started, failed) => {
        waiting.set(spec.name, { started, failed });
        const request: GuardRequest = { type: 'start', spec };
        child.send(request, (error) => {
          if (error !== null) failed(error);
        });
      });
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
