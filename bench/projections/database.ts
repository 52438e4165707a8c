/** A PostgreSQL for a benchmark: the engine's embedded one, with a database that nobody else uses. */
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres } from '../../src/postgres/pool.ts';
import type { Db } from '../../src/projections/database.ts';
import { openEngine } from '../support/engine.ts';

export type DatabaseUnderTest = {
  readonly db: Db;
  readonly url: string;
  /** CPU time of the server behind `db` so far, in ms. */
  readonly cpuMs: () => number;
  readonly close: () => Promise<void>;
};

/** `folder` is on a real disk, or commits cost nothing. */
export const openDatabase = async (folder: string): Promise<DatabaseUnderTest> => {
  const engine = await openEngine(folder);
  try {
    const url = await engine.createDatabase();
    const postgres = openPostgres({ url, max: 3, onError: () => undefined });
    await migrate(postgres.db);
    return {
      db: postgres.db,
      url,
      cpuMs: () => engine.cpuMs('postgres'),
      close: async () => {
        await postgres.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
};
