/** Two programs that differ in a letter of their code are two releases. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRelease } from '../src/release.ts';
import { readVersion } from '../src/version.ts';
import { temporaryFolder } from './support/engine.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const program = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
  const path = join(folder.path, name);
  await mkdir(join(path, 'inner'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
  return readRelease(path);
};

it('is the version, and the same for the same code', async () => {
  const release = await readRelease();
  expect(release).toMatch(/^\d+\.\d+\.\d+\S*\+[0-9a-f]{12}$/);
  expect(release.startsWith(`${readVersion()}+`)).toBe(true);
  expect(await readRelease()).toBe(release);
});

it('is another one wherever the code is another', async () => {
  const releases = [
    await program('first', { 'a.js': 'apply(1)', 'inner/b.js': '' }),
    await program('changed', { 'a.js': 'apply(2)', 'inner/b.js': '' }),
    await program('moved', { 'a.js': '', 'inner/b.js': 'apply(1)' }),
    await program('renamed', { 'c.js': 'apply(1)', 'inner/b.js': '' }),
    await program('more', { 'a.js': 'apply(1)', 'inner/b.js': '', 'inner/c.js': '' }),
  ];
  expect(new Set(releases).size).toBe(releases.length);
});

it('does not depend on what is no code', async () => {
  const first = await program('bare', { 'a.js': 'apply(1)' });
  expect(await program('mapped', { 'a.js': 'apply(1)', 'a.js.map': '{}', notes: 'x' })).toBe(first);
});
