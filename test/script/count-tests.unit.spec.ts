import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPT = new URL('../../script/lib/count-tests.js', import.meta.url).pathname;

function counted(report: unknown, status: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'seatlog-count-'));
  try {
    const file = join(folder, 'report.json');
    if (report !== undefined) writeFileSync(file, JSON.stringify(report));
    return execFileSync(process.execPath, [SCRIPT, file, String(status)], { encoding: 'utf8' }).trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((result) => ({ status: result })),
});

test('passed and failed tests are counted over all files, skipped ones are not', () => {
  const report = { testResults: [file('passed', 'passed', 'skipped'), file('failed', 'passed', 'failed')] };
  expect(counted(report, 1)).toBe('2 1');
});

test('a file that could not be loaded counts as one failure', () => {
  expect(counted({ testResults: [file('failed'), file('passed', 'passed')] }, 1)).toBe('1 1');
});

test('a run that failed without a failed test counts as one failure', () => {
  expect(counted({ testResults: [file('passed', 'passed')] }, 1)).toBe('1 1');
});

test('a run that left no report counts as one failure', () => {
  expect(counted(undefined, 1)).toBe('0 1');
});
