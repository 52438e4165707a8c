/**
 * Where builds of a projection are: each in a schema of its own that is named after the projection and the number of
 * the build, with a table `build` that says what it is. The live build has no schema: its tables are where the
 * migrations made them.
 */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { type TallyState, tallyStateSchema } from '../../rebuild/tally-state.ts';
import type { Db } from '../database.ts';

export type BuildState = 'filling' | 'kept';

export type BuildRecord = {
  readonly schema: string;
  /** 0 for a build that is only compared, and never goes live. */
  readonly build: number;
  /** Of the code that filled it. */
  readonly version: number;
  /** That code itself; undefined where it is not known. */
  readonly release: string | undefined;
  readonly state: BuildState;
  /** What it was filled with; undefined before the first event, or where another release wrote it. */
  readonly tally: TallyState | undefined;
  /** When its last event was recorded. */
  readonly recordedAtMs: number | undefined;
};

export const schemaOf = (projection: string, build: number): string => `${projection}_${build}`;
/** One at a time, as only one process works on a projection. */
export const checkSchemaOf = (projection: string): string => `${projection}_check`;

/** The schema that the live tables are in. */
export const liveSchemaOf = async (db: Db): Promise<string> => {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db);
  const name = rows[0]?.name;
  if (name === undefined) throw new Error('The database has no schema for tables.');
  return name;
};

/** Makes the schema and its record. Rejects when it is there already. */
export const createBuildSchema = async (
  db: Db,
  { schema, build, version, release, state, tally, recordedAtMs }: BuildRecord,
): Promise<void> => {
  const kept = tally === undefined ? null : JSON.stringify(tally);
  await sql`create schema ${sql.id(schema)}`.execute(db);
  await sql`
    create table ${sql.id(schema, 'build')} (
      build integer not null, version integer not null, release text, state text not null, tally json,
      recorded_at_ms bigint, changed_at timestamptz not null default clock_timestamp())
  `.execute(db);
  if (state === 'filling')
    await sql`create table ${sql.id(schema, 'streams')} (touched bytea not null)`.execute(db);
  await sql`
    insert into ${sql.id(schema, 'build')} (build, version, release, state, tally, recorded_at_ms)
    values (${build}, ${version}, ${release ?? null}, ${state}, ${kept}::json, ${recordedAtMs ?? null})
  `.execute(db);
};

/**
 * Goes into the transaction that changes the rows: what the certificate needs to know of the streams that were read, so
 * that it proves their revisions over an interruption as well. Twelve bytes for each stream.
 */
export const keepStreams = async (db: Db, schema: string, touched: readonly Uint32Array[]): Promise<void> => {
  const bytes = touched.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  await sql`insert into ${sql.id(schema, 'streams')} values (${Buffer.concat(bytes)})`.execute(db);
};

/** Everything that was kept of the streams. */
export const streamsOf = async (db: Db, schema: string): Promise<readonly Uint32Array[]> => {
  const { rows } = await sql<{ touched: Buffer }>`select touched from ${sql.id(schema, 'streams')}`.execute(
    db,
  );
  // A part of a larger buffer need not begin where a word may.
  return rows.map(({ touched }) => new Uint32Array(Uint8Array.from(touched).buffer));
};

/**
 * Goes into the transaction that changes the rows. Rejects when the build is not at `from`: somebody else fills it.
 */
export const moveBuild = async (
  db: Db,
  schema: string,
  from: bigint,
  tally: TallyState,
  recordedAtMs: number | undefined,
): Promise<void> => {
  const { numAffectedRows } = await sql`
    update ${sql.id(schema, 'build')}
    set tally = ${JSON.stringify(tally)}::json, recorded_at_ms = coalesce(${recordedAtMs ?? null}, recorded_at_ms)
    where coalesce((tally ->> 'to')::bigint, -1) = ${from.toString()}::bigint
  `.execute(db);
  if (numAffectedRows !== 1n) throw new Error(`Another process fills ${schema}.`);
};

const recordSchema = z.object({
  build: z.number(),
  version: z.number(),
  /** Builds of before have no such column. */
  release: z.string().nullish(),
  state: z.enum(['filling', 'kept']),
  tally: z.unknown(),
  recorded_at_ms: z.string().nullable(),
  changed_at: z.date(),
});

/** All builds of the projection that have a schema, the one that was changed last first; not the check. */
export const buildsOf = async (db: Db, projection: string): Promise<readonly BuildRecord[]> => {
  const found: (BuildRecord & { readonly changedAt: Date })[] = [];
  for (const schema of await schemasLike(db, sql`${`^${projection}_[0-9]+$`}`)) {
    const { rows } = await sql`select * from ${sql.id(schema, 'build')}`.execute(db);
    const record = recordSchema.safeParse(rows[0]).data;
    if (record === undefined) continue;
    const { build, version, state, recorded_at_ms, changed_at } = record;
    const tally = tallyStateSchema.safeParse(record.tally).data;
    const recordedAtMs = recorded_at_ms === null ? undefined : Number(recorded_at_ms);
    const release = record.release ?? undefined;
    found.push({ schema, build, version, release, state, tally, recordedAtMs, changedAt: changed_at });
  }
  return found.sort((one, other) => other.changedAt.getTime() - one.changedAt.getTime());
};

/** A check that was killed leaves its schema behind. */
export const dropCheck = (db: Db, projection: string): Promise<void> =>
  dropSchema(db, checkSchemaOf(projection));

export const dropSchema = async (db: Db, schema: string): Promise<void> => {
  await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(db);
};

const schemasLike = async (db: Db, pattern: RawBuilder<unknown>): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select nspname as name from pg_namespace
    where nspname ~ ${pattern} and exists (
      select from pg_class where relnamespace = pg_namespace.oid and relname = 'build' and relkind = 'r')
  `.execute(db);
  return rows.map(({ name }) => name);
};
