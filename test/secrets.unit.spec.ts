/** What the embedded set-up keeps: made once, given to folders of earlier releases, never made anew. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, secretSettings } from '../src/config.ts';
import { openSecrets, secretOf } from '../src/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatlog-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (settings: Record<string, string> = {}) =>
  readConfig({ SEATLOG_DATA_DIR: folder, ...settings });
const file = () => join(folder, 'secrets.json');
const stored = (): Record<string, string> => JSON.parse(readFileSync(file(), 'utf8'));
const store = (secrets: object) => writeFileSync(file(), JSON.stringify(secrets));

describe('The secrets of a data folder', () => {
  it('are all made at the first start, and the same ever after', () => {
    const made = openSecrets(config(), folder);
    expect(Object.keys(stored()).sort()).toEqual([...secretSettings].sort());
    expect(openSecrets(config(), folder)).toEqual(made);
  });

  it('get the key of audit reports where they were made before there was one', () => {
    openSecrets(config(), folder);
    const { SEATLOG_AUDIT_KEY: _, ...before } = stored();
    store(before);
    expect(secretOf(config(), 'SEATLOG_AUDIT_KEY')).toBeUndefined();
    openSecrets(config(), folder);
    expect(stored()).toMatchObject(before);
    expect(secretOf(config(), 'SEATLOG_AUDIT_KEY')?.bytes).toHaveLength(32);
  });

  it('are never made anew where one is missing that something was sealed with', () => {
    openSecrets(config(), folder);
    const { SEATLOG_MASTER_KEYS: _, ...before } = stored();
    store(before);
    expect(() => openSecrets(config(), folder)).toThrow('secrets.json lacks a secret');
    expect(stored()).toEqual(before);
  });

  it('are not asked for the key of audit reports by the engine itself', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const settings = Object.fromEntries(
      secretSettings.filter((name) => name !== 'SEATLOG_AUDIT_KEY').map((name) => [name, key]),
    );
    const all = { ...settings, SEATLOG_MASTER_KEYS: `1:${key}` };
    const opened = openSecrets(config(all), undefined);
    expect(opened.ticketKey.bytes).toEqual(Buffer.alloc(32, 7));
    expect(opened.auditKey).toBeUndefined();
    const wrong = config({ ...all, SEATLOG_AUDIT_KEY: 'short' });
    expect(() => openSecrets(wrong, undefined)).toThrow('SEATLOG_AUDIT_KEY must be 32 bytes');
    const right = config({ ...all, SEATLOG_AUDIT_KEY: key });
    expect(openSecrets(right, undefined).auditKey?.bytes).toEqual(Buffer.alloc(32, 7));
  });
});
