/** Brings the schema up to date: every file of `migrations/` once, in the order of its number. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Kysely, type Migration, Migrator, sql } from 'kysely';

/** Beside `dist/` as beside `src/`. */
const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));
const FILE_NAME = /^\d{4}_[a-z_]+\.sql$/;

/** Engines that start together wait for one another. Rejects with the database's own error when a file fails. */
export async function migrate<Tables>(db: Kysely<Tables>, folder = FOLDER): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => readMigrations(folder) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'migrations';
    throw new Error(`${failed} could not be applied.`, { cause: error });
  }
  return (results ?? []).map(({ migrationName }) => migrationName);
}

async function readMigrations(folder: string): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {};
  for (const name of (await readdir(folder)).sort()) {
    if (!FILE_NAME.test(name))
      throw new Error(`${join(folder, name)} is not called like 0001_what_it_does.sql.`);
    const text = await readFile(join(folder, name), 'utf8');
    migrations[name.slice(0, -'.sql'.length)] = {
      up: async (transaction) => {
        await sql.raw(text).execute(transaction);
      },
    };
  }
  return migrations;
}
