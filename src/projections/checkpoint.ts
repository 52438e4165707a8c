/** Checkpoints in SQL: they move in the transaction that changes the rows, so that neither is ever without the other. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from './database.ts';

/** Where a projection stands still, and why. */
export const stoppedSchema = z.object({
  stream: z.string(),
  revision: z.string(),
  position: z.string(),
  type: z.string(),
  error: z.string(),
});
export type Stopped = z.infer<typeof stoppedSchema>;

export type Checkpoint = {
  readonly name: string;
  /** -1 before the first event. */
  readonly position: bigint;
  readonly recordedAtMs: number | undefined;
  readonly stopped: Stopped | undefined;
};

/** Makes sure of a row for each projection. A new version is a projection of its own that starts from nothing. */
export const ensureCheckpoints = async (
  db: Db,
  projections: readonly { readonly name: string; readonly version: number }[],
): Promise<void> => {
  for (const { name, version } of projections) {
    await db
      .insertInto('projection')
      .values({ name, version, position: null, recorded_at_ms: null, stopped: null })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
  }
};

export const readCheckpoints = async (
  db: Db,
  names: readonly string[],
): Promise<ReadonlyMap<string, Checkpoint>> => checkpointsOf(await select(db, names).execute());

/** As `readCheckpoints`, and no other worker moves them before this transaction ends. */
export const lockCheckpoints = async (
  db: Db,
  names: readonly string[],
): Promise<ReadonlyMap<string, Checkpoint>> => checkpointsOf(await select(db, names).forUpdate().execute());

/** Ordered, so that two workers lock in one order and never wait for each other in a ring. */
const select = (db: Db, names: readonly string[]) =>
  db
    .selectFrom('projection')
    .select(['name', 'position', 'recorded_at_ms', 'stopped'])
    .where('name', 'in', names)
    .orderBy('name');

type Row = { name: string; position: string | null; recorded_at_ms: string | null; stopped: unknown };

const checkpointsOf = (rows: readonly Row[]): ReadonlyMap<string, Checkpoint> =>
  new Map(
    rows.map(({ name, position, recorded_at_ms, stopped }) => [
      name,
      {
        name,
        position: position === null ? -1n : BigInt(position),
        recordedAtMs: recorded_at_ms === null ? undefined : Number(recorded_at_ms),
        stopped: stopped === null ? undefined : stoppedSchema.parse(stopped),
      },
    ]),
  );

export const moveCheckpoints = async (
  db: Db,
  names: readonly string[],
  position: bigint,
  recordedAtMs: number | undefined,
): Promise<void> => {
  if (names.length === 0) return;
  await db
    .updateTable('projection')
    .set({
      position: position.toString(),
      ...(recordedAtMs !== undefined && { recorded_at_ms: recordedAtMs.toString() }),
    })
    .where('name', 'in', names)
    .execute();
};

export const markStopped = async (db: Db, name: string, stopped: Stopped): Promise<void> => {
  await db
    .updateTable('projection')
    .set({ stopped: JSON.stringify(stopped) })
    .where('name', '=', name)
    .execute();
};

/** Clears the mark; with `skip` the event it stood at counts as applied. */
export const markRunning = async (db: Db, name: string, skip: boolean): Promise<void> => {
  await db
    .updateTable('projection')
    .set({ stopped: null, ...(skip && { position: sql<string>`(stopped ->> 'position')::bigint` }) })
    .where('name', '=', name)
    .where('stopped', 'is not', null)
    .execute();
};
