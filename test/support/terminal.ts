/**
 * Runs the built program at a terminal, as a person does. The pseudo terminal is made by the `script` of util-linux,
 * which every Debian has.
 */
import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Environment } from './engine.ts';
import { everShown, type Screen, type Size, screenAfter } from './screen.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/cli/seatlog.js');

/** Another `script`, such as that of macOS, has other options. */
export const hasTerminals =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

export const KEYS = { ctrlC: '\u0003', ctrlD: '\u0004' } as const;

export type Terminal = {
  readonly type: (text: string) => void;
  /** As it is now. */
  readonly screen: () => Screen;
  readonly everShown: () => readonly string[];
  /** Everything that was written to it, as it was. */
  readonly output: () => string;
  /** Its exit code. */
  readonly exited: Promise<number | null>;
};

export const WIDE: Size = { columns: 120, rows: 30 };

/** Ends with the test. Without a size, the terminal does not know its own. */
export function atTerminal(
  args: readonly string[],
  settings: Environment,
  size: Size | 'unknown' = WIDE,
): Terminal {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SEATLOG_'));
  const sized = size === 'unknown' ? '' : `stty cols ${size.columns} rows ${size.rows}; `;
  const command = [process.execPath, PROGRAM, ...args].map(quoted).join(' ');
  const child = spawn('script', ['-qfec', `${sized}exec ${command}`, '/dev/null'], {
    env: { ...Object.fromEntries(inherited), SHELL: '/bin/sh', TERM: 'xterm', ...settings },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<number | null>((done) => {
    child.once('close', (code) => done(code));
  });
  // Who hangs up ends what runs at the terminal.
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  return {
    type: (text) => child.stdin.write(text),
    screen: () => screenAfter(output, size === 'unknown' ? WIDE : size),
    everShown: () => everShown(output),
    output: () => output,
    exited,
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
