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

test('an error is its texts and numbers, without the client that a library hangs on it', () => {
  const client = { connectionParameters: { host: 'db', ssl: { key: 's3cret' } } };
  const error = Object.assign(new Error('no answer', { cause: new Error('closed') }), {
    code: '57P01',
    client,
  });
  const line = logged((log) => log.warn({ err: error }, 'A store has trouble.'));
  expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', code: '57P01' } });
  expect(line).toContain('no answer: closed');
  expect(line).not.toMatch(/client|s3cret/);
});

test('several errors in one are all there', () => {
  const line = logged((log) =>
    log.warn({ err: new AggregateError([new Error('one'), new Error('two')], 'both') }),
  );
  expect(line).toMatch(/both.*one.*two/s);
});

test('lines below the level are not written', () => {
  expect(logged((log) => log.debug('quiet'))).toBe('');
});
