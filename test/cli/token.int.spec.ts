/** `seatlog token` as people run it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTokenVerifier, type TokenVerdict } from '../../src/api/identity.ts';
import { runSeatlog } from '../support/engine.ts';

const key = new Uint8Array(32).fill(3);
const text = Buffer.from(key).toString('base64');
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'seatlog-token-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const run = async (args: readonly string[], settings: Record<string, string> = {}) => {
  const engine = runSeatlog(['token', ...args], { SEATLOG_DATA_DIR: dataDir, ...settings });
  const { code } = await engine.exited;
  return { code, output: engine.output() };
};

const verdictOf = async (token: string): Promise<TokenVerdict> => createTokenVerifier({ key })(token);

describe('a token is printed and nothing else', () => {
  test('signed with the key of the embedded set-up', async () => {
    await writeFile(join(dataDir, 'secrets.json'), JSON.stringify(allSecrets()));
    const { code, output } = await run(['--user', 'ann']);
    expect(code).toBe(0);
    expect(output).toMatch(/^\S+\n$/);
    expect(await verdictOf(output.trim())).toEqual({
      kind: 'verified',
      identity: { userId: 'ann', scopes: new Set() },
    });
  });

  test('signed with the key that is set, for an operator', async () => {
    const { output } = await run(['--user', 'ops', '--operator', '--ttl', '30m'], {
      SEATLOG_TOKEN_KEY: text,
    });
    expect(await verdictOf(output.trim())).toMatchObject({ identity: { scopes: new Set(['operator']) } });
    const [, payload = ''] = output.split('.');
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(exp - iat).toBe(1_800);
  });

  test('for an operator who may see people in clear', async () => {
    const { output } = await run(['--user', 'ops', '--operator', '--personal-data'], {
      SEATLOG_TOKEN_KEY: text,
    });
    expect(await verdictOf(output.trim())).toMatchObject({
      identity: { scopes: new Set(['operator', 'personal-data']) },
    });
  });

  test('for each of many users', async () => {
    const { output } = await run(['--user', 'buyer', '--count', '3'], { SEATLOG_TOKEN_KEY: text });
    const verdicts = await Promise.all(output.trim().split('\n').map(verdictOf));
    expect(verdicts).toMatchObject(
      ['buyer-1', 'buyer-2', 'buyer-3'].map((userId) => ({ identity: { userId } })),
    );
  });
});

describe('a sentence is printed', () => {
  test('where there is no key', async () => {
    const { code, output } = await run(['--user', 'ann']);
    expect(code).toBe(2);
    expect(output).toMatch(/^error: there is no key to sign with: .*\.\n$/);
  });

  test.each([
    [['--user', 'a b'], 'a user id is 1 to 48'],
    [['--user', 'ann', '--ttl', '5y'], 'a time is a number'],
    [['--user', 'ann', '--ttl', '9999d'], 'a year at most'],
    [['--user', 'ann', '--count', '0'], 'a count is 1 to'],
    [['--user', 'x'.repeat(48), '--count', '2'], 'too long for a user id'],
    [[], '--user'],
  ])('for %j', async (args, sentence) => {
    const { code, output } = await run(args, { SEATLOG_TOKEN_KEY: text });
    expect(code).toBe(2);
    expect(output).toContain(sentence);
    expect(output).not.toContain(text);
  });
});

function allSecrets(): Record<string, string> {
  const names = ['MASTER_KEYS', 'ID_DOCUMENT_KEY', 'TOKEN_KEY', 'CALLBACK_KEY', 'TICKET_KEY'];
  return Object.fromEntries(names.map((name) => [`SEATLOG_${name}`, text]));
}
