/** Holds file name, header, body and use of every script together. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gateKeys } from '../../src/gate/keys.ts';
import type { Script } from '../../src/gate/registry.ts';
import { openRegistry } from '../../src/gate/registry.ts';
import { LUA_FOLDER, readScriptFiles } from '../../src/gate/script-files.ts';
import * as scripts from '../../src/gate/scripts.ts';
import * as versionScripts from '../../src/gate/version-scripts.ts';
import { statusScript } from '../../src/live/order-statuses.ts';
import { mendScript, restoreScript } from '../../src/live/rebuild/mending.ts';
import { newProgram } from './support.ts';

type AnyScript = Script<never, unknown, string>;
const isScript = (value: unknown): value is AnyScript =>
  typeof value === 'object' && value !== null && 'keys' in value && 'parse' in value;
const used: readonly AnyScript[] = [
  ...[...Object.values(scripts), ...Object.values(versionScripts)].filter(isScript),
  ...[statusScript, mendScript, restoreScript],
];
const files = readScriptFiles();
const MAX_LINE = 110;

describe('the scripts of lua/', () => {
  it('are those that the registry uses, no more and no less', () => {
    expect(used.map(({ name }) => name).sort()).toEqual([...files.keys()].sort());
  });

  it.each(used.map((script) => [script.name, script] as const))('%s keeps its contract', (name, script) => {
    const file = files.get(name);
    const own = readFileSync(join(LUA_FOLDER, `${name}-${file?.keyCount}.lua`), 'utf8');
    const header = own.split('\n').filter((line) => line.startsWith('--'));
    const body = own.replaceAll(/^--.*$/gm, '');
    const described = [...header.join('\n').matchAll(/^-- KEYS\[(\d+)\] (\w+)/gm)].map(([, , key]) => key);
    expect(described).toEqual(script.keys);
    expect(numbersOf(/KEYS\[(\d+)\]/g, body)).toEqual(described.map((_key, index) => index + 1));
    const firstList = own.match(/^-- ARGV\[(\d+)\] \.\.\./m);
    const scalars = numbersOf(/^-- ARGV\[(\d+)\] (?!\.\.\.)/gm, own);
    expect(numbersOf(/ARGV\[(\d+)\]/g, body)).toEqual(scalars);
    if (firstList !== null) expect(Number(firstList[1])).toBe(scalars.length + 1);
    expect(own).toMatch(/^-- Replies /m);
    expect(header.length).toBeLessThan(own.split('\n').length);
  });

  it('have their includes in place, each once, and short lines', () => {
    for (const { source } of files.values()) {
      expect(source).not.toContain('@include');
      const functions = [...source.matchAll(/^local function (\w+)/gm)].map(([, name]) => name);
      expect(new Set(functions).size).toBe(functions.length);
      for (const line of source.split('\n')) expect(line.length).toBeLessThanOrEqual(MAX_LINE);
    }
  });

  it('are refused when their use has another number of keys', async () => {
    const never = () => Promise.reject();
    const client = { eval: never, evalsha: never, callBuffer: never };
    const run = openRegistry(client);
    const wrong: Script<void, unknown> = { ...scripts.countersScript, keys: ['stock'] };
    await expect(run(wrong, gateKeys(newProgram()), undefined)).rejects.toThrow(/1 keys and has 5/);
  });
});

function numbersOf(pattern: RegExp, text: string): number[] {
  return [...new Set([...text.matchAll(pattern)].map(([, digits]) => Number(digits)))].sort((a, b) => a - b);
}

describe('a folder of scripts', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const withFile = (name: string, text: string): string => {
    folder = mkdtempSync(join(tmpdir(), 'seatlog-lua-'));
    mkdirSync(join(folder, 'includes'));
    writeFileSync(join(folder, name), text);
    return folder;
  };

  it('is refused when a header has fewer keys than the name says', () => {
    const text = '-- KEYS[1] stock\nreturn 1\n';
    expect(() => readScriptFiles(withFile('wrong-2.lua', text))).toThrow(/its name says 2/);
  });

  it('is refused when a name has no key count', () => {
    expect(() => readScriptFiles(withFile('wrong.lua', 'return 1\n'))).toThrow(/not called like/);
  });

  it('is refused when an include is missing', () => {
    const text = '-- KEYS[1] stock\n-- @include nowhere.lua\n';
    expect(() => readScriptFiles(withFile('wrong-1.lua', text))).toThrow(/nowhere\.lua/);
  });
});
