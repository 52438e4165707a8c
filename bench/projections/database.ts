/** A PostgreSQL for a benchmark: the engine's embedded one, with a database that nobody else uses. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres } from '../../src/postgres/pool.ts';
import type { Db } from '../../src/projections/database.ts';
import { startEngine, stopEngine } from '../../test/support/engine.ts';
import { familyCpuMs, parentOf } from '../support/cpu.ts';

export type DatabaseUnderTest = {
  readonly db: Db;
  readonly url: string;
  /** CPU time of the server behind `db` so far, in ms. */
  readonly cpuMs: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** `folder` is on a real disk, or commits cost nothing. */
export const openDatabase = async (folder: string): Promise<DatabaseUnderTest> => {
  mkdirSync(folder, { recursive: true });
  const dataDir = mkdtempSync(join(resolve(folder), 'engine-'));
  const engine = startEngine(dataDir);
  const remove = async (): Promise<void> => {
    await stopEngine(engine);
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const shown = await engine.ready();
    const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8');
    const url = new URL((shown['PostgreSQL'] ?? '').replace('***', password));
    const name = `bench_${randomUUID().replaceAll('-', '')}`;
    const first = openPostgres({ url: url.href, max: 1, onError: () => undefined });
    await sql`create database ${sql.ref(name)}`.execute(first.db);
    await first.close();
    url.pathname = `/${name}`;
    const postgres = openPostgres({ url: url.href, max: 3, onError: () => undefined });
    await migrate(postgres.db);
    return {
      db: postgres.db,
      url: url.href,
      cpuMs: () => cpuMsBehind(postgres.db),
      close: async () => {
        await postgres.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** Of the server as a whole: connections that have been closed meanwhile count, and what it does by itself. */
const cpuMsBehind = async (db: Db): Promise<number> => {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  const parent = parentOf(rows[0]?.pid ?? 0);
  return (parent === undefined ? undefined : familyCpuMs(parent)) ?? 0;
};
