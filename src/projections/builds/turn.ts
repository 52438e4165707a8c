/** One rebuild, verification or rollback of a projection at a time, in whatever process. */
import { sql } from 'kysely';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import type { Db } from '../database.ts';

export type Turn = {
  /** Rejects when the turn is over though the work is not: its connection was lost. To be asked inside a transaction. */
  readonly confirm: (db: Db) => Promise<void>;
};

/**
 * The turn is an advisory lock of a connection that does nothing else, so that it ends with the process. Rejects with
 * `rebuild_in_progress`.
 */
export const inTurn = <Result>(
  db: Db,
  projection: string,
  work: (turn: Turn) => Promise<Result>,
): Promise<Result> => {
  const key = sql`hashtextextended(${`seatlog rebuild ${projection}`}, 0)`;
  return db.connection().execute(async (own) => {
    const { rows } = await sql<{ got: boolean; pid: number }>`
      select pg_try_advisory_lock(${key}) as got, pg_backend_pid() as pid
    `.execute(own);
    const [{ got, pid } = { got: false, pid: 0 }] = rows;
    if (!got) throw inProgress(projection);
    const confirm = async (transaction: Db): Promise<void> => {
      const held = await sql`
        select from pg_locks where locktype = 'advisory' and granted and pid = ${pid}
      `.execute(transaction);
      if (held.rows.length === 0) throw inProgress(projection);
    };
    try {
      return await work({ confirm });
    } finally {
      // With a connection that was lost, the lock is gone anyhow.
      await sql`select pg_advisory_unlock(${key})`.execute(own).catch(() => undefined);
    }
  });
};

const inProgress = (projection: string): RebuildError =>
  new RebuildError('rebuild_in_progress', `Another process rebuilds, verifies or rolls back ${projection}.`);
