/** What a projection is: a name, the events it wants, and what they make of its tables. */
import type { Transaction } from 'kysely';
import type { Database } from './database.ts';

/** An event from the log, decoded, with its place in it. */
export type Projected<Event> = Event & {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit position in `$all`. */
  readonly position: bigint;
  readonly recordedAtMs: number;
};

/** A table that a projection fills. */
export type ReadModelTable<Event> = {
  readonly name: keyof Database;
  /** Columns that no two of its rows have alike. */
  readonly key: readonly string[];
  /** Those columns of the key that say what a row is about, */
  readonly subject: readonly string[];
  /** and the values they have in every row that the event has a part in. Throws as `apply` would. */
  readonly subjectsOf: (event: Projected<Event>) => readonly Subject[];
};

export type Subject = readonly (string | number)[];

/**
 * A SQL read model. `apply` runs inside the transaction that also moves the checkpoint, gets only events of the
 * types in `handles`, in log order, each exactly once, and must not touch tables of another projection.
 */
export type Projection<Event extends { readonly type: string }> = {
  readonly name: string;
  /** Raised when its tables must be filled anew. */
  readonly version: number;
  readonly handles: readonly Event['type'][];
  /** All that it fills, and the views over it: what is built anew beside the live ones, compared and swapped. */
  readonly tables: readonly ReadModelTable<Event>[];
  readonly views?: readonly (keyof Database)[];
  readonly apply: (db: Transaction<Database>, events: readonly Projected<Event>[]) => Promise<void>;
};
