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

/**
 * A SQL read model. `apply` runs inside the transaction that also moves the checkpoint, gets only events of the
 * types in `handles`, in log order, each exactly once, and must not touch tables of another projection.
 */
export type Projection<Event extends { readonly type: string }> = {
  readonly name: string;
  /** Raised when its tables must be filled anew. */
  readonly version: number;
  readonly handles: readonly Event['type'][];
  readonly apply: (db: Transaction<Database>, events: readonly Projected<Event>[]) => Promise<void>;
};
