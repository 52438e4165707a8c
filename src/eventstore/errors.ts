/**
 * What can go wrong between us and the event store, in words a caller can act on. Expected answers, such as a
 * wrong expected revision or a missing stream, are outcomes and not here; these are thrown, with the client's
 * error as `cause`.
 */

export type EventStoreErrorKind =
  /** No server, or the connection was lost: trying again later makes sense. */
  | 'unavailable'
  /** No answer in time: the server may be frozen, overloaded or unreachable. */
  | 'timed-out'
  /** The credentials are wrong or do not suffice. */
  | 'denied'
  /** The append is larger than the server (or our own bound) allows; nothing was written. */
  | 'too-large'
  /** A stored event cannot be read as what it claims to be. */
  | 'corrupt'
  /** The stream is tombstoned; nothing can ever be appended to it. */
  | 'stream-deleted'
  /** More calls are waiting than the bound allows; nothing was sent. */
  | 'overloaded'
  /** The store was closed by us. */
  | 'closed'
  /** None of these: a bug, or a server that answers what it should not. */
  | 'unexpected';

export class EventStoreError extends Error {
  override readonly name: string = 'EventStoreError';
  readonly kind: EventStoreErrorKind;
  /** True when an append failed in a way that leaves open whether it was written; repeating it is safe. */
  readonly mayBeWritten: boolean;

  constructor(kind: EventStoreErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.mayBeWritten = details.mayBeWritten ?? false;
  }
}

export type ErrorDetails = { readonly cause?: unknown; readonly mayBeWritten?: boolean };

/** A stored event that does not fit its definition; names the place, so that a person can look at it. */
export class CorruptEventError extends EventStoreError {
  override readonly name = 'CorruptEventError';
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly issues: readonly string[];

  constructor(place: CorruptPlace, issues: readonly string[], cause?: unknown) {
    super('corrupt', `${place.type} at ${place.stream}@${place.revision} is corrupt: ${issues.join('; ')}`, {
      cause,
    });
    this.stream = place.stream;
    this.revision = place.revision;
    this.type = place.type;
    this.issues = issues;
  }
}

type CorruptPlace = { readonly stream: string; readonly revision: bigint; readonly type: string };

/** True for what is worth trying again on a new connection. */
export const isTransient = (error: EventStoreError): boolean =>
  error.kind === 'unavailable' || error.kind === 'timed-out';
