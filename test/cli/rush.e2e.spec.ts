/** `seatlog rush` as a process: what it exits with, and what it prints where. */
import { afterEach, describe, expect, it } from 'vitest';
import { settlePort } from '../../src/embedded/port.ts';
import { type FakeEngine, startFakeEngine } from '../rush/fake-engine.ts';
import { runSeatlog } from '../support/engine.ts';

const SETTINGS = { SEATLOG_TOKEN_KEY: Buffer.alloc(32, 7).toString('base64') };
const SMALL = ['--buyers', '200', '--seats', '50', '--pay-within', '1', '--skip-check'];
let engine: FakeEngine | undefined;

afterEach(() => engine?.close());

const rush = async (args: readonly string[], settings: Readonly<Record<string, string>> = SETTINGS) => {
  const program = runSeatlog(['rush', ...args], settings);
  let stdout = '';
  program.process.stdout?.on('data', (text: string) => {
    stdout += text;
  });
  const { code } = await program.exited;
  return { code, stdout, output: program.output() };
};

describe('seatlog rush', () => {
  it('prints a table of what came, and exits with 0', async () => {
    engine = await startFakeEngine({ seats: 50, imports: true });
    const { code, stdout, output } = await rush(['--url', engine.url, '--mode', 'all', ...SMALL]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +v1 +v2 +v3 +v4$/m);
    expect(stdout).toMatch(/^requests +200 +200 +200 +200$/m);
    expect(output).toContain('preparing: 200/200');
  });

  it('prints JSON and nothing else on standard output when asked to', async () => {
    engine = await startFakeEngine({ seats: 50, imports: true });
    const { stdout } = await rush(['--url', engine.url, '--json', ...SMALL]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, modes: [{ mode: 'v3', requests: 200 }] });
  });

  it('exits with 3 where no engine answers, and says so in one line', async () => {
    const port = await settlePort(0, 'the port');
    const { code, output } = await rush(['--url', `http://127.0.0.1:${port}`, ...SMALL]);
    expect(code).toBe(3);
    expect(output).toMatch(
      /^No engine answers \(.*ECONNREFUSED.*\): start one, or say with --url where it is\.$/m,
    );
    expect(output).not.toContain('    at ');
  });

  it.each([
    ['an unknown mode', ['--mode', 'v9'], 'must be v1, v2, v3, v4, all or configured'],
    ['a party from more to less', ['--party', '4-1'], 'a party begins with its smallest size'],
    ['a share beyond 1', ['--pay', '80'], 'must be a number from 0 to 1'],
    ['a program and a number of seats', ['--program', 'p', '--seats', '9'], 'cannot be used with option'],
    ['a program and all modes', ['--program', 'p', '--mode', 'all'], 'name one mode'],
    ['an address that is none', ['--url', 'localhost'], 'urls.0: '],
    ['stores on ports that nobody knows', [], '--eventstore-url'],
  ])('exits with 2 for %s', async (_, args, sentence) => {
    const { code, output } = await rush(args, { ...SETTINGS, SEATLOG_EMBEDDED_EVENTSTORE_PORT: '0' });
    expect(code).toBe(2);
    expect(output).toContain(sentence);
  });

  it('exits with 2 without the key that tokens are signed with, and says where it looked', async () => {
    const { code, output } = await rush(SMALL, { SEATLOG_DATA_DIR: '/nowhere' });
    expect(code).toBe(2);
    expect(output).toContain("The engine's token key is neither in SEATLOG_TOKEN_KEY nor in /nowhere");
  });
});
