/** Where the live build of a projection stands, asked from connections that do not have its tables in their search path. */
import { sql } from 'kysely';
import type { Db } from '../database.ts';

export type Live = {
  readonly version: number;
  readonly build: number;
  /** -1 before the first event. */
  readonly position: bigint;
  readonly recordedAtMs: number | undefined;
  readonly isStopped: boolean;
};

type Row = {
  version: number;
  build: number;
  position: string | null;
  recorded_at_ms: string | null;
  stopped: unknown;
};

/** Throws for a projection that nobody has run yet. */
export const readLive = (db: Db, schema: string, projection: string): Promise<Live> =>
  read(db, schema, projection, sql``);

/** And the runner waits until the transaction ends. */
export const lockLive = (db: Db, schema: string, projection: string): Promise<Live> =>
  read(db, schema, projection, sql`for update`);

const read = async (
  db: Db,
  schema: string,
  projection: string,
  how: ReturnType<typeof sql>,
): Promise<Live> => {
  const { rows } = await sql<Row>`
    select version, build, position, recorded_at_ms, stopped from ${sql.id(schema, 'projection')}
    where name = ${projection} ${how}
  `.execute(db);
  const [row] = rows;
  if (row === undefined)
    throw new Error(`The database has no projection ${projection}: start the engine once.`);
  return {
    version: row.version,
    build: row.build,
    position: BigInt(row.position ?? -1),
    recordedAtMs: row.recorded_at_ms === null ? undefined : Number(row.recorded_at_ms),
    isStopped: row.stopped !== null,
  };
};
