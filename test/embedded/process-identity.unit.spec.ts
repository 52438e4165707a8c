import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identifyProcess, isRunning } from '../../src/embedded/process-identity.ts';

test('a process is recognised while it runs and not after it has ended', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = identifyProcess(child.pid ?? 0);
  expect(identity !== undefined && isRunning(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identity !== undefined && isRunning(identity)).toBe(false);
});

test('another process under the same id is not taken for the one that was written down', () => {
  expect(isRunning({ pid: process.pid, startedAt: 'long ago' })).toBe(false);
});
