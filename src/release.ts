/**
 * Which code this is. The version in package.json says what was released; between two releases, and in a working copy,
 * only the code itself can be told apart.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readVersion } from './version.ts';

/** `dist/`, or `src/` where it is run from there. */
const FOLDER = import.meta.dirname;
const CODE = /\.[jt]s$/;
const SHOWN_DIGITS = 12;

/** Version and a digest of all code, such as `0.1.0+3f2a9c41d07b`. Reads every file of the program; keep the answer. */
export const readRelease = async (folder = FOLDER): Promise<string> => {
  const found = await readdir(folder, { recursive: true });
  const names = found.filter((name) => CODE.test(name)).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  const hash = createHash('sha256');
  files.forEach((file, index) => {
    hash.update(`${names[index]} ${file.byteLength}\n`).update(file);
  });
  return `${readVersion()}+${hash.digest('hex').slice(0, SHOWN_DIGITS)}`;
};
