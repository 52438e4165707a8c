/**
 * Leases of worker ids for order numbers. One statement reads where the times of a worker id ended and
 * moves that end on: what lies between is the caller's alone, whatever clocks say and whoever was frozen or
 * killed. See `docs/adr/0006-order-numbers.md`.
 */
import { type RawBuilder, sql } from 'kysely';
import type { NumberLease } from '../domain/shared/order-number.ts';
import type { Db } from '../projections/database.ts';

const SECOND = 1_000;
/** How much time a lease grants, and so how far ahead of the clock a restarted process may begin. */
export const LEASE_WINDOW_MS = 10 * SECOND;

export type WorkerLeases = {
  /** The worker id whose times ended longest ago; others that look at the same moment get other ids. */
  readonly take: (nowMs: number) => Promise<NumberLease>;
  /**
   * Goes on where the lease ends. Undefined when the worker id has another holder by now: take a new lease.
   * Do so when less than half of the window is left: each renewal adds a whole one, and too many run ahead
   * of the clock.
   */
  readonly renew: (lease: NumberLease, nowMs: number) => Promise<NumberLease | undefined>;
  /**
   * Gives back the times after the generator's `lastMs`, unless somebody went on from the lease's end
   * already.
   */
  readonly handBack: (lease: NumberLease, lastMs: number) => Promise<void>;
};

/** `holder` names this process, and no other one, nor itself after a restart. */
export const createWorkerLeases = (
  db: Db,
  holder: string,
  windowMs: number = LEASE_WINDOW_MS,
): WorkerLeases => ({
  take: async (nowMs) => {
    const to: Grant = { holder, nowMs, windowMs };
    const lease = (await grant(db, lapsedAt(nowMs), to)) ?? (await grant(db, ANY, to));
    if (lease === undefined) throw new Error('Every worker id is being leased at this moment.');
    return lease;
  },
  renew: ({ workerId }, nowMs) =>
    grant(db, sql`worker_id = ${workerId} and holder = ${holder} for update`, { holder, nowMs, windowMs }),
  handBack: async ({ workerId, untilMs }, lastMs) => {
    await db
      .updateTable('worker_lease')
      .set({ until_ms: lastMs + 1, holder: null })
      .where('worker_id', '=', workerId)
      .where('holder', '=', holder)
      .where('until_ms', '=', String(untilMs))
      .where('until_ms', '>', String(lastMs))
      .execute();
  },
});

const OLDEST = sql`order by until_ms, worker_id limit 1 for update skip locked`;
/** Whoever waited for a row looks at it again: an id that was just leased to another is passed over. */
const lapsedAt = (nowMs: number) => sql`until_ms <= ${nowMs} ${OLDEST}`;
/**
 * More processes than ids, or a clock far behind: an id is taken over, and its holder has to take another.
 */
const ANY = sql`true ${OLDEST}`;

type Grant = { readonly holder: string; readonly nowMs: number; readonly windowMs: number };

const grant = async (
  db: Db,
  which: RawBuilder<unknown>,
  { holder, nowMs, windowMs }: Grant,
): Promise<NumberLease | undefined> => {
  const { rows } = await sql<NumberLease>`
    with before as (select worker_id, until_ms from worker_lease where ${which})
    update worker_lease lease
    set until_ms = greatest(${nowMs}::bigint, before.until_ms) + ${windowMs}::bigint, holder = ${holder}
    from before where lease.worker_id = before.worker_id
    returning lease.worker_id as "workerId",
      before.until_ms::float8 as "fromMs", lease.until_ms::float8 as "untilMs"
  `.execute(db);
  return rows[0];
};
