/** Checkpoints in SQL: they move in the transaction that changes the rows, so that neither is ever without the other. */
import { type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import { wide } from './columns.ts';
import { boundedLimit } from './cursor.ts';
import type { Db } from './database.ts';

/** Where a projection stands still, and why. */
export const stoppedSchema = z.object({
  stream: z.string(),
  revision: z.string(),
  position: z.string(),
  type: z.string(),
  recordedAtMs: z.number(),
  error: z.string(),
});
export type Stopped = z.infer<typeof stoppedSchema>;

export type Checkpoint = {
  readonly name: string;
  /** Of the code that has filled all its rows. */
  readonly version: number;
  readonly build: number;
  /** -1 before the first event. */
  readonly position: bigint;
  readonly recordedAtMs: number | undefined;
  readonly stopped: Stopped | undefined;
};

/**
 * Makes sure of a row for each projection. Where the code's version was raised, the rows go on being fed by the new code,
 * and keep the version that has filled them: a rebuild brings the new one.
 */
export const ensureCheckpoints = async (
  db: Db,
  projections: readonly { readonly name: string; readonly version: number }[],
): Promise<void> => {
  for (const { name, version } of projections) {
    await db
      .insertInto('projection')
      .values({ name, version, position: null, recorded_at_ms: null, stopped: null })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ version })
          // What has no rows yet is filled by this code.
          .where('projection.position', 'is', null)
          .where('projection.version', '<', version),
      )
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
  db.selectFrom('projection').select(checkpointSelection).where('name', 'in', names).orderBy('name');

export const checkpointSelection = [
  'projection.name',
  'projection.version',
  'projection.build',
  'projection.position',
  'projection.recorded_at_ms',
  'projection.stopped',
] as const;

type Row = {
  name: string;
  version: number;
  build: number;
  position: string | null;
  recorded_at_ms: string | null;
  stopped: unknown;
};

export const checkpointsOf = (rows: readonly Row[]): ReadonlyMap<string, Checkpoint> =>
  new Map(
    rows.map(({ name, version, build, position, recorded_at_ms, stopped }) => [
      name,
      {
        name,
        version,
        build,
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

/** Unless the projection has got past that event meanwhile, by another worker or a skip. */
export const markStopped = async (db: Db, name: string, stopped: Stopped): Promise<void> => {
  await db
    .updateTable('projection')
    .set({ stopped: JSON.stringify(stopped) })
    .where('name', '=', name)
    .where(sql<SqlBool>`coalesce(position, -1) < ${stopped.position}::bigint`)
    .execute();
};

export type ResumeHow = 'retry' | 'skip';

export type ResumeOutcome = 'resumed' | 'not_stopped' | 'stopped_elsewhere' | 'unknown';

/**
 * Lets a stopped projection go on, whichever process runs it: its runner notices within a second. `retry` gives it
 * the event again that it stands at; with `skip` that event counts as applied, and its rows are without it. Who asked
 * is kept. With `position`, nothing happens where it stands at another event than the one there.
 */
export const requestResume = (
  db: Db,
  name: string,
  how: ResumeHow,
  askedBy?: string,
  position?: string,
): Promise<ResumeOutcome> =>
  db.transaction().execute(async (transaction) => {
    const checkpoint = (await lockCheckpoints(transaction, [name])).get(name);
    if (checkpoint === undefined) return 'unknown';
    const { stopped } = checkpoint;
    if (stopped === undefined) return 'not_stopped';
    if (position !== undefined && stopped.position !== position) return 'stopped_elsewhere';
    const passed = { position: stopped.position, recorded_at_ms: stopped.recordedAtMs };
    await transaction
      .updateTable('projection')
      .set({ stopped: null, ...(how === 'skip' && passed) })
      .where('name', '=', name)
      .execute();
    await transaction
      .insertInto('projection_resume')
      .values({ name, how, asked_by: askedBy ?? null, stopped: JSON.stringify(stopped) })
      .execute();
    return 'resumed';
  });

export type Resume = {
  readonly name: string;
  readonly how: ResumeHow;
  readonly askedBy: string | null;
  readonly askedAtMs: number;
  readonly stopped: Stopped;
};

/** Newest first. */
export const resumesOf = async (db: Db, limit: number): Promise<readonly Resume[]> => {
  const rows = await db
    .selectFrom('projection_resume')
    .select(['name', 'how', 'asked_by', wide('asked_at_ms'), 'stopped'])
    .orderBy('id', 'desc')
    .limit(boundedLimit(limit))
    .execute();
  return rows.map((row) => ({
    name: row.name,
    how: row.how,
    askedBy: row.asked_by,
    askedAtMs: row.asked_at_ms,
    stopped: stoppedSchema.parse(row.stopped),
  }));
};
