/** What rebuilding in Redis needs of the outside. */
import type { EventStore } from '../../eventstore/index.ts';
import type { VersionsClient } from '../../gate/index.ts';
import type { Sleep } from '../persevering.ts';

export type RedisRebuildDeps = {
  readonly client: VersionsClient;
  readonly store: Pick<EventStore, 'readAllPage' | 'read'>;
  readonly nowMs: () => number;
  /** By whose wish versions are swapped, for the log. */
  readonly actor: string;
  /** Which code this is: what other code has read of the log is read again. */
  readonly release: string;
  readonly sleep: Sleep;
  /** Places of all halls that are kept folded at a time; 500,000 unless given, some 100 MB. */
  readonly maxPlaces?: number;
  /** Of the log, at a time; as many as a page may have, unless given. */
  readonly pageMaxEvents?: number;
  /** How long a projector is waited for in all, where Redis lacks something that it may be filling; 2 s unless given. */
  readonly patienceMs?: number;
};
