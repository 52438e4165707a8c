/** Refusals in the contract's words: gRPC statuses, trailers, and the details of a batch append's answer. */
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision, Refusal } from './store/append.ts';
import { CorruptRecordError } from './store/corrupt.ts';
import { StoreWriteError } from './store/writer.ts';
import {
  fieldSize,
  varintSize,
  writeBytesField,
  writeFieldHeader,
  writeVarintField,
} from './wire/protobuf.ts';

/** A call that ends in this error carries its code, its sentence and its trailers to the client. */
export class CallError extends Error implements ServiceError {
  override readonly name = 'CallError';
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, trailers: Readonly<Record<string, string>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = new Metadata();
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, headerSafe(value));
  }
}

/** Trailers are ASCII: a name beyond that is percent-encoded. */
const headerSafe = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);

export const invalidArgument = (message: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, message);

export const streamDeleted = (stream: string): CallError =>
  new CallError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

/** The contract's numbers for the three words. */
const expectedNumber = (expected: ExpectedRevision): number => {
  if (typeof expected === 'number') return expected;
  return { no_stream: -1, any: -2, stream_exists: -4 }[expected];
};

export const errorOfRefusal = (stream: string, refusal: Refusal): CallError => {
  switch (refusal.kind) {
    case 'wrong_expected_revision':
      return new CallError(
        status.FAILED_PRECONDITION,
        `Append failed due to WrongExpectedVersion. Stream: ${stream}, ` +
          `Expected version: ${expectedNumber(refusal.expected)}, Actual version: ${refusal.current}`,
        {
          exception: 'wrong-expected-version',
          'stream-name': stream,
          'expected-version': String(expectedNumber(refusal.expected)),
          // The client reads a missing stream from the absence of this trailer.
          ...(refusal.current < 0 ? {} : { 'actual-version': String(refusal.current) }),
        },
      );
    case 'stream_deleted':
      return streamDeleted(stream);
    case 'too_large':
      return new CallError(
        status.INVALID_ARGUMENT,
        `Maximum Append Size of ${refusal.maxAppendBytes} Exceeded.`,
        { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(refusal.maxAppendBytes) },
      );
    case 'timed_out':
      return new CallError(status.ABORTED, 'The deadline of the append has passed.');
    case 'invalid':
      return invalidArgument(refusal.message);
    default:
      return refusal satisfies never;
  }
};

/** What a failure inside the server tells the client: damaged records and a full disk by name. */
export const errorOfFailure = (error: unknown): CallError => {
  if (error instanceof CallError) return error;
  if (error instanceof CorruptRecordError) return new CallError(status.DATA_LOSS, error.message);
  if (error instanceof StoreWriteError) return new CallError(status.RESOURCE_EXHAUSTED, error.message);
  const message = error instanceof Error ? error.message : String(error);
  return new CallError(status.INTERNAL, `the server failed: ${message}`);
};

const DETAILS = 'type.googleapis.com/event_store.client.';

/** An encoded `google.rpc.Status` for a refused batch append. Its details are never left out. */
export const statusOfRefusal = (refusal: Refusal): Buffer => {
  switch (refusal.kind) {
    case 'wrong_expected_revision':
      return encodeStatus(status.FAILED_PRECONDITION, 'WrongExpectedVersion', wrongExpectedDetails(refusal));
    case 'stream_deleted':
      return encodeStatus(status.FAILED_PRECONDITION, 'StreamDeleted', new sharedPb.StreamDeleted());
    case 'too_large': {
      const details = new sharedPb.MaximumAppendSizeExceeded();
      details.setMaxappendsize(refusal.maxAppendBytes);
      return encodeStatus(status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
    }
    case 'timed_out':
      return encodeStatus(status.ABORTED, 'Timeout', new sharedPb.Timeout());
    case 'invalid':
      return encodeStatus(status.INVALID_ARGUMENT, 'Unknown', new sharedPb.Unknown(), refusal.message);
    default:
      return refusal satisfies never;
  }
};

export const statusOfFailure = (error: unknown): Buffer => {
  const { code, details } = errorOfFailure(error);
  return encodeStatus(code, 'Unknown', new sharedPb.Unknown(), details);
};

const wrongExpectedDetails = (refusal: Extract<Refusal, { kind: 'wrong_expected_revision' }>) => {
  const details = new sharedPb.WrongExpectedVersion();
  if (refusal.current < 0) details.setCurrentNoStream(new emptyPb.Empty());
  else details.setCurrentStreamRevision(String(refusal.current));
  if (refusal.expected === 'any') details.setExpectedAny(new emptyPb.Empty());
  else if (refusal.expected === 'no_stream') details.setExpectedNoStream(new emptyPb.Empty());
  else if (refusal.expected === 'stream_exists') details.setExpectedStreamExists(new emptyPb.Empty());
  else details.setExpectedStreamPosition(String(refusal.expected));
  return details;
};

const encodeStatus = (
  code: number,
  type: string,
  details: { serializeBinary(): Uint8Array },
  text = type,
): Buffer => {
  const url = Buffer.from(DETAILS + type);
  const value = Buffer.from(details.serializeBinary());
  const message = Buffer.from(text);
  const anySize = fieldSize(url.length) + fieldSize(value.length);
  const encoded = Buffer.allocUnsafe(1 + varintSize(code) + fieldSize(message.length) + fieldSize(anySize));
  let at = writeVarintField(encoded, 1, code, 0);
  at = writeBytesField(encoded, 2, message, at);
  at = writeFieldHeader(encoded, 3, anySize, at);
  at = writeBytesField(encoded, 1, url, at);
  writeBytesField(encoded, 2, value, at);
  return encoded;
};
