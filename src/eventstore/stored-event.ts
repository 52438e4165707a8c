/**
 * An event as it leaves the store, before the codec has looked at it: the client's record without what we
 * never use, with its place as plain bigints.
 */
import type { RecordedEvent } from '@eventstore/db-client';

/** Where an event is and when it came there. */
export type EventPlace = {
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
  /** Commit position in the log of all streams. */
  readonly position: bigint;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly recordedAtMs: number;
};

export type StoredEvent = EventPlace & {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
};

/** `commitPosition` is the position of the answer, for servers that put none into the record. */
export function toStoredEvent(record: RecordedEvent, commitPosition: bigint | undefined): StoredEvent {
  return {
    id: record.id,
    stream: record.streamId,
    revision: record.revision,
    position: record.position?.commit ?? commitPosition ?? 0n,
    recordedAtMs: record.created.getTime(),
    type: record.type,
    data: record.data,
    metadata: record.metadata,
  };
}
