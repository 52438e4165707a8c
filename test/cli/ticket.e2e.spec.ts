/** `seatlog ticket` as a door would run it: without an engine. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicKeyPem, publicKeyText, signingKeyOf } from '../../src/signing.ts';
import { signTicket } from '../../src/tickets/code.ts';
import { runSeatlog, temporaryFolder } from '../support/engine.ts';
import { key, otherKey, seated } from '../tickets/fixtures.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const run = async (args: readonly string[], settings = {}) => {
  const program = runSeatlog(['ticket', ...args], { SEATLOG_DATA_DIR: folder.path, ...settings });
  program.ready().catch(() => undefined);
  const { code } = await program.exited;
  return { code, output: program.output() };
};
const genuine = signTicket(key, seated);
const keyText = publicKeyText(key.publicKey);

describe('seatlog ticket verify', () => {
  it('prints what a genuine ticket says and exits 0, with the key as text or as a file', async () => {
    const file = join(folder.path, 'key.pem');
    await writeFile(file, publicKeyPem(key.publicKey));
    for (const given of [keyText, file]) {
      const { code, output } = await run(['verify', genuine, '--public-key', given]);
      expect(output).toContain('The ticket is genuine.');
      expect(output).toContain('池座 / 12 / 7 (number 4242)');
      expect(code).toBe(0);
    }
  });

  it('exits 1 and says why for a ticket of another key, or none at all', async () => {
    const stranger = await run(['verify', signTicket(otherKey, seated), '--public-key', keyText]);
    expect(stranger).toMatchObject({ code: 1, output: expect.stringContaining('ticket_key_unknown') });
    const nonsense = await run(['verify', 'nonsense', '--public-key', keyText]);
    expect(nonsense).toMatchObject({ code: 1, output: expect.stringContaining('ticket_malformed') });
  });

  it('exits 2 where there is no key to check with, or nothing to check', async () => {
    expect(await run(['verify', genuine])).toMatchObject({ code: 2 });
    expect(await run(['verify', genuine, '--public-key', 'no key'])).toMatchObject({ code: 2 });
    expect(await run(['verify'])).toMatchObject({ code: 2 });
  });
});

describe('seatlog ticket key', () => {
  it('prints the public key of the secret that is set', async () => {
    const secret = randomBytes(32);
    const settings = { SEATLOG_TICKET_KEY: secret.toString('base64') };
    const expected = publicKeyText(signingKeyOf({ bytes: secret }).publicKey);
    expect(await run(['key'], settings)).toEqual({ code: 0, output: `${expected}\n` });
    expect((await run(['key', '--pem'], settings)).output).toContain('BEGIN PUBLIC KEY');
  });
});
