import { expect, test } from 'vitest';
import { maskPasswords } from '../../src/config.ts';
import { createLogger } from '../../src/telemetry/log.ts';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const target = { write: (line: string) => void lines.push(line) };
  write(createLogger({ level: 'info', mask: maskPasswords, target }));
  return lines.join('');
}

test('a line is JSON with its level in words and its time', () => {
  const line: unknown = JSON.parse(logged((log) => log.info({ port: 1 }, 'Ready.')));
  expect(line).toMatchObject({ level: 'info', port: 1, msg: 'Ready.', time: expect.stringMatching(/Z$/) });
});

test('secrets are removed by their name', () => {
  const line = logged((log) => log.info({ password: 's3cret', user: { token: 's3cret' } }, 'Hello.'));
  expect(line).not.toContain('s3cret');
});

test('the password of a URL is removed wherever it appears, also inside an error', () => {
  const error = new Error('cannot reach postgres://me:s3cret@db/x');
  const line = logged((log) => log.error({ err: error }, 'redis://:s3cret@cache failed'));
  expect(line).toContain('postgres://me:***@db');
  expect(line).not.toContain('s3cret');
});

test('lines below the level are not written', () => {
  expect(logged((log) => log.debug('quiet'))).toBe('');
});
