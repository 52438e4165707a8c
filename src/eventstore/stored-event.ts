/**
 * An event as it leaves the store, before the codec has looked at it: the server's record without what we
 * never use, with its place as plain bigints.
 */

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
