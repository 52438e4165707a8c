/** The tables of the read models, each described beside the projection that fills it. */
import type { ColumnType, Kysely } from 'kysely';

/** Eight-byte integers leave PostgreSQL as text, because a double cannot hold them all. */
export type Int8 = ColumnType<string, string | number | bigint, string | number | bigint>;

export type Database = {
  projection: {
    name: string;
    version: number;
    position: Int8 | null;
    recorded_at_ms: Int8 | null;
    stopped: unknown;
  };
};

export type Db = Kysely<Database>;
