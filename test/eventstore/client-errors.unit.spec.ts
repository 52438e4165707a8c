/**
 * The client says the same thing in many ways; a caller hears one.
 */
import {
  AccessDeniedError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnknownError,
} from '@eventstore/db-client';
import { convertToCommandError } from '@eventstore/db-client/dist/utils/CommandError.js';
import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { losesConnection, translateError } from '../../src/eventstore/client-errors.ts';
import { EventStoreError, isTransient } from '../../src/eventstore/errors.ts';

/** As grpc-js rejects a call. */
function serviceError(code: status, details = ''): Error {
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata: new Metadata() });
}

const codes: readonly [string, status, string][] = [
  ['a lost server', status.UNAVAILABLE, 'unavailable'],
  ['a call cancelled by the server', status.CANCELLED, 'unavailable'],
  ['a failure inside the server', status.INTERNAL, 'unexpected'],
  ['a server without resources', status.RESOURCE_EXHAUSTED, 'unavailable'],
  ['a passed deadline', status.DEADLINE_EXCEEDED, 'timed-out'],
  ['a server that gave up', status.ABORTED, 'timed-out'],
  ['missing rights', status.PERMISSION_DENIED, 'denied'],
  ['wrong credentials', status.UNAUTHENTICATED, 'denied'],
  ['a bad record', status.DATA_LOSS, 'corrupt'],
  ['a call that the server does not know', status.UNIMPLEMENTED, 'unexpected'],
];

describe('An error of the client', () => {
  it.each(codes)('for %s is told by its gRPC code %i as %s', (_what, code, kind) => {
    const plain = serviceError(code);
    expect(translateError(plain, 'Reading')).toMatchObject({ kind, cause: plain });
    expect(translateError(convertToCommandError(plain), 'Reading')).toMatchObject({ kind });
  });

  it.each([
    ['denied', new AccessDeniedError()],
    ['too-large', MaxAppendSizeExceededError.fromMaxAppendSize(5)],
    ['stream-deleted', StreamDeletedError.fromStreamName('Sale-42')],
  ])('of the batch append is told by its class as %s', (kind, error) => {
    expect(translateError(error, 'Appending')).toMatchObject({ kind, cause: error });
  });

  it.each(['Channel has been shut down', 'write after end', 'Premature close', 'read ECONNRESET'])(
    'that is a plain one saying "%s" is a lost connection',
    (message) => {
      expect(translateError(new Error(message), 'Appending').kind).toBe('unavailable');
    },
  );

  it('from cancelling our own client is worth a repetition, like every lost connection', () => {
    const cancelled = convertToCommandError(serviceError(status.CANCELLED, 'Cancelled on client'));
    expect(isTransient(translateError(cancelled, 'Appending'))).toBe(true);
  });

  it('that came as an answer may be repeated but leaves the connection in use', () => {
    const full = translateError(serviceError(status.RESOURCE_EXHAUSTED), 'Reading');
    const unexplained = translateError(new UnknownError(), 'Appending to Sale-42');
    expect([full.kind, unexplained.kind]).toEqual(['unavailable', 'unavailable']);
    expect([full, unexplained].map(losesConnection)).toEqual([false, false]);
    expect(unexplained.message).toBe('Appending to Sale-42 failed: the server does not say why');
    const lost = [serviceError(status.UNAVAILABLE), new Error('Channel has been shut down')];
    expect(lost.map((error) => losesConnection(translateError(error, 'Reading')))).toEqual([true, true]);
  });

  it('that nobody knows keeps its message and is not repeated', () => {
    const error = translateError(new TypeError('x is not a function'), 'Appending to Sale-42');
    expect(error).toMatchObject({
      kind: 'unexpected',
      message: 'Appending to Sale-42 failed: x is not a function',
    });
    expect(isTransient(error)).toBe(false);
    expect(translateError('a text', 'Reading').message).toBe('Reading failed: a text');
  });

  it('that is one of ours already is passed on as it is', () => {
    const error = new EventStoreError('closed', 'closed');
    expect(translateError(error, 'Reading')).toBe(error);
  });
});
