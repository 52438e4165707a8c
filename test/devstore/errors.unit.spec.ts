/**
 * Refusals reach the client by trailers and by details; a missing entry would make the client itself fail.
 */
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import {
  CallError,
  errorOfFailure,
  errorOfRefusal,
  statusOfFailure,
  statusOfRefusal,
} from '../../src/devstore/errors.ts';
import type { Refusal } from '../../src/devstore/store/append.ts';
import { CorruptRecordError } from '../../src/devstore/store/corrupt.ts';
import { StoreWriteError } from '../../src/devstore/store/writer.ts';

const REFUSALS: readonly (readonly [Refusal, status, exception: string | undefined, details: string])[] = [
  [
    { kind: 'wrong_expected_revision', expected: 3, current: 1 },
    status.FAILED_PRECONDITION,
    'wrong-expected-version',
    'WrongExpectedVersion',
  ],
  [{ kind: 'stream_deleted' }, status.FAILED_PRECONDITION, 'stream-deleted', 'StreamDeleted'],
  [
    { kind: 'too_large', maxAppendBytes: 9 },
    status.INVALID_ARGUMENT,
    'maximum-append-size-exceeded',
    'MaximumAppendSizeExceeded',
  ],
  [{ kind: 'timed_out' }, status.ABORTED, undefined, 'Timeout'],
  [{ kind: 'invalid', message: 'because' }, status.INVALID_ARGUMENT, undefined, 'Unknown'],
];

const FAILURES: readonly (readonly [string, Error, status])[] = [
  ['a damaged record', new CorruptRecordError('record at position 7'), status.DATA_LOSS],
  ['a full disk', new StoreWriteError('no space'), status.RESOURCE_EXHAUSTED],
  ['a refusal', new CallError(status.NOT_FOUND, 'nothing here'), status.NOT_FOUND],
  ['anything else', new Error('a bug'), status.INTERNAL],
];

const decode = (encoded: Buffer): InstanceType<typeof statusPb.Status> =>
  statusPb.Status.deserializeBinary(encoded);

describe('a refusal', () => {
  it.each(REFUSALS)('%j ends a call with its code and its trailer', (refusal, code, exception) => {
    const error = errorOfRefusal('Sale-1', refusal);
    expect(error.code).toBe(code);
    expect(error.metadata.get('exception')).toEqual(exception === undefined ? [] : [exception]);
  });

  it.each(REFUSALS)('%j answers a batch append with its code and its details', (refusal, code, _, type) => {
    const answer = decode(statusOfRefusal(refusal));
    expect(answer.getCode()).toBe(code);
    expect(answer.getDetails()?.getTypeName()).toBe(`event_store.client.${type}`);
  });

  it('names stream and versions, and leaves out the version of a stream that is not there', () => {
    const trailers = (current: number): Record<string, unknown> =>
      errorOfRefusal('Sale-1', {
        kind: 'wrong_expected_revision',
        expected: 'any',
        current,
      }).metadata.getMap();
    expect(trailers(4)).toMatchObject({
      'stream-name': 'Sale-1',
      'expected-version': '-2',
      'actual-version': '4',
    });
    expect(trailers(-1)).not.toHaveProperty('actual-version');
  });

  it('percent-encodes a stream name that no trailer can hold', () => {
    const error = errorOfRefusal('座席', { kind: 'stream_deleted' });
    expect(error.metadata.get('stream-name')).toEqual([encodeURIComponent('座席')]);
  });
});

describe('a failure', () => {
  it.each(FAILURES)(
    'by %s has its own code, alone and as the answer to a batch append',
    (_, failure, code) => {
      expect(errorOfFailure(failure).code).toBe(code);
      expect(errorOfFailure(failure).details).toContain(failure.message);
      expect(decode(statusOfFailure(failure)).getCode()).toBe(code);
      expect(decode(statusOfFailure(failure)).getMessage()).toContain(failure.message);
      expect(decode(statusOfFailure(failure)).getDetails()?.getTypeName()).toBe('event_store.client.Unknown');
    },
  );
});
