/**
 * Translates what the client rejects with. It throws its own classes, plain gRPC errors and plain `Error`s for
 * the same thing, depending on when a connection was lost; this is the one place that knows them.
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

/**
 * CANCELLED is what our own disposal of a client does to the calls of others on it. INTERNAL is how grpc-js reports
 * a stream that was reset under it.
 */
const KIND_BY_CODE = new Map<number, EventStoreErrorKind>([
  [status.CANCELLED, 'unavailable'],
  [status.UNAVAILABLE, 'unavailable'],
  [status.INTERNAL, 'unavailable'],
  [status.RESOURCE_EXHAUSTED, 'unavailable'],
  [status.DEADLINE_EXCEEDED, 'timed-out'],
  [status.ABORTED, 'timed-out'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNAUTHENTICATED, 'denied'],
  [status.DATA_LOSS, 'corrupt'],
]);

/** grpc-js and Node throw these as plain errors when a call meets a channel that has just been closed. */
const LOST_CONNECTION =
  /channel has been shut ?down|channel closed|write after end|ERR_STREAM_|premature close|ECONNRE/i;

export { WrongExpectedVersionError };

/** `doing` completes the sentence "… failed". */
export function translateError(error: unknown, doing: string): EventStoreError {
  if (error instanceof EventStoreError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EventStoreError(kindOf(error), `${doing} failed: ${reason}`, { cause: error });
}

function kindOf(error: unknown): EventStoreErrorKind {
  if (!(error instanceof Error)) return 'unexpected';
  const byType = isCommandError(error) ? KIND_BY_TYPE.get(error.type) : undefined;
  if (byType !== undefined) return byType;
  const code: unknown = 'code' in error ? error.code : undefined;
  const byCode = typeof code === 'number' ? KIND_BY_CODE.get(code) : undefined;
  if (byCode !== undefined) return byCode;
  return LOST_CONNECTION.test(`${String(code)} ${error.message}`) ? 'unavailable' : 'unexpected';
}
