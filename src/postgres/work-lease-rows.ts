/** The statements of work leases. Time is the database's alone: clocks of holders are never compared. */
import { sql } from 'kysely';
import type { Db } from '../projections/database.ts';

export type WorkLeaseRows = {
  /** Who holds what at this moment, other holders than this one. */
  readonly ofOthers: () => Promise<ReadonlyMap<string, string>>;
  /** Takes what is free or lapsed, and renews what is held already. Answers what is held now. */
  readonly hold: (names: readonly string[], ttlMs: number) => Promise<ReadonlySet<string>>;
  /** Free for others at once. */
  readonly handBack: (names: readonly string[]) => Promise<void>;
};

/** Rows are never many: those that lapsed so long ago are of processes that are gone, or work that is done no more. */
const FORGOTTEN_AFTER_S = 3_600;

export const createWorkLeaseRows = (db: Db, holder: string): WorkLeaseRows => ({
  ofOthers: async () => {
    const rows = await db
      .selectFrom('work_lease')
      .select(['name', 'holder'])
      .where('until', '>', sql<Date>`clock_timestamp()`)
      .where('holder', '<>', holder)
      .execute();
    return new Map(rows.map((row) => [row.name, row.holder]));
  },
  hold: async (names, ttlMs) => {
    if (names.length === 0) return new Set();
    const until = sql`clock_timestamp() + ${ttlMs} * interval '1 millisecond'`;
    // In one order, so that two holders never wait for each other in a ring.
    const { rows } = await sql<{ name: string }>`
      insert into work_lease (name, holder, until)
      select name, ${holder}, ${until} from unnest(${[...names].sort()}::text[]) as name
      on conflict (name) do update set holder = excluded.holder, until = ${until}
      where work_lease.holder = excluded.holder or work_lease.until <= clock_timestamp()
      returning work_lease.name
    `.execute(db);
    return new Set(rows.map(({ name }) => name));
  },
  handBack: async (names) => {
    await db
      .deleteFrom('work_lease')
      .where((is) =>
        is.or([
          is.and([is('holder', '=', holder), is('name', 'in', names)]),
          is('until', '<', sql<Date>`clock_timestamp() - ${FORGOTTEN_AFTER_S} * interval '1 second'`),
        ]),
      )
      .execute();
  },
});
