/** A script of this folder as a process of its own, whose lines a test can await, and that ends with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export type Child = {
  /** Everything it has printed, a line each. */
  readonly lines: readonly string[];
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Sends the signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
};

/** `script` is called like a file of `test/support`, without its ending. */
export function startChild(script: string, args: readonly string[]): Child {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', resolve(import.meta.dirname, `${script}.ts`), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    lines,
    signal: (signal) => child.kill(signal),
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}
