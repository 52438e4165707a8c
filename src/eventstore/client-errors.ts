/**
 * Translates what the client rejects with. It throws its own classes, plain gRPC errors and plain `Error`s
 * for the same thing, depending on when a connection was lost; this is the one place that knows them.
 */
import { ErrorType, isCommandError, WrongExpectedVersionError } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { EventStoreError, type EventStoreErrorKind } from './errors.ts';

const KIND_BY_TYPE = new Map<string, EventStoreErrorKind>([
  [ErrorType.UNAVAILABLE, 'unavailable'],
  [ErrorType.CANCELLED, 'unavailable'],
  [ErrorType.NOT_LEADER, 'unavailable'],
  [ErrorType.TIMEOUT, 'timed-out'],
  [ErrorType.DEADLINE_EXCEEDED, 'timed-out'],
  [ErrorType.ACCESS_DENIED, 'denied'],
  [ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED, 'too-large'],
  [ErrorType.STREAM_DELETED, 'stream-deleted'],
]);

/** CANCELLED is what our own disposal of a client does to the calls of others on it. */
const KIND_BY_CODE = new Map<number, EventStoreErrorKind>([
  [status.CANCELLED, 'unavailable'],
  [status.UNAVAILABLE, 'unavailable'],
  [status.RESOURCE_EXHAUSTED, 'unavailable'],
  [status.DEADLINE_EXCEEDED, 'timed-out'],
  [status.ABORTED, 'timed-out'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNAUTHENTICATED, 'denied'],
  [status.DATA_LOSS, 'corrupt'],
]);

/** As grpc-js and Node put it when a call is reset, or meets a channel that has just been closed. */
const LOST_CONNECTION =
  /RST_STREAM|channel has been shut ?down|channel closed|write after end|premature close|ECONNRE/i;

export { WrongExpectedVersionError };

/** `doing` completes the sentence "… failed". */
export function translateError(error: unknown, doing: string): EventStoreError {
  if (error instanceof EventStoreError) return error;
  const reason = (error instanceof Error ? error.message : String(error)) || 'the server does not say why';
  return new EventStoreError(kindOf(error), `${doing} failed: ${reason}`, { cause: error });
}

/**
 * True when the connection is of no use any more. False for a refusal that came over it: giving it up would
 * fail everybody's calls for one that the server cannot serve now.
 */
export function losesConnection({ kind, cause }: EventStoreError): boolean {
  if (kind !== 'unavailable' || isUnexplained(cause)) return false;
  return !(cause instanceof Error && 'code' in cause && cause.code === status.RESOURCE_EXHAUSTED);
}

/** How a server answers one append of a batch that it failed to write, for a full disk for example. */
const isUnexplained = (error: unknown): boolean =>
  error instanceof Error &&
  isCommandError(error) &&
  error.type === ErrorType.UNKNOWN &&
  error.code === undefined;

function kindOf(error: unknown): EventStoreErrorKind {
  if (!(error instanceof Error)) return 'unexpected';
  if (isUnexplained(error)) return 'unavailable';
  const byType = isCommandError(error) ? KIND_BY_TYPE.get(error.type) : undefined;
  if (byType !== undefined) return byType;
  const code: unknown = 'code' in error ? error.code : undefined;
  const byCode = typeof code === 'number' ? KIND_BY_CODE.get(code) : undefined;
  if (byCode !== undefined) return byCode;
  return LOST_CONNECTION.test(`${String(code)} ${error.message}`) ? 'unavailable' : 'unexpected';
}
