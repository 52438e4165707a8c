import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { preparePrograms } from '../../src/embedded/postgres-program.ts';

let root: string;

/** A package as npm leaves it when it may not run install scripts: no links, and maybe no executable bits. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seatlog-postgres-'));
  for (const folder of ['bin', 'lib']) mkdirSync(join(root, 'native', folder), { recursive: true });
  for (const program of ['initdb', 'postgres']) writeFileSync(join(root, 'native/bin', program), '');
  chmodSync(join(root, 'native/bin/initdb'), 0o644);
  writeFileSync(join(root, 'native/lib/libpq.so.5.18'), '');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(root, 'native/pg-symlinks.json'), JSON.stringify(links));
});

afterEach(() => rmSync(root, { recursive: true }));

test('links that the install script would have made are made, once and for all', () => {
  preparePrograms(root);
  expect(readlinkSync(join(root, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18');
  expect(() => preparePrograms(root)).not.toThrow();
});

test('programs become executable', () => {
  const { initdb } = preparePrograms(root);
  expect(statSync(initdb).mode & 0o777).toBe(0o755);
});

test('a damaged package is named together with its remedy', () => {
  rmSync(join(root, 'native/bin/postgres'));
  expect(() => preparePrograms(root)).toThrow(
    /The PostgreSQL package in .* is damaged .* run "npm ci" again/,
  );
});
