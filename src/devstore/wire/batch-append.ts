/**
 * Codec of the BatchAppend RPC, written by hand: it is the hottest path of the server, and the generated
 * stubs would spend more on decoding a batch than storing it costs.
 */
import type { ExpectedRevision, ProposedEvent } from '../store/append.ts';
import {
  BYTES,
  cursorOf,
  fieldSize,
  readBytes,
  readString,
  readVarint,
  skipField,
  VARINT,
  varintSize,
  writeBytesField,
  writeFieldHeader,
  writeVarintField,
} from './protobuf.ts';
import { decodeUuid } from './uuid.ts';

/** One chunk of a batch append. `options` comes with the first chunk of a correlation id only. */
export type BatchAppendChunk = {
  /** The body of the UUID message, kept raw so that the answer echoes it byte for byte. */
  readonly correlationId: Buffer;
  readonly options: BatchAppendOptions | undefined;
  readonly events: readonly ProposedEvent[];
  readonly isFinal: boolean;
};

export type BatchAppendOptions = {
  readonly stream: string;
  /** Undefined when the caller named none, which the contract does not allow. */
  readonly expected: ExpectedRevision | undefined;
  /** Unix time in ms after which the append must not happen; Infinity when the caller set none. */
  readonly deadlineAtMs: number;
};

const tagOf = (field: number, wireType: number): number => (field << 3) | wireType;
const NO_BYTES: Buffer = Buffer.alloc(0);

export const decodeBatchAppendReq = (message: Buffer): BatchAppendChunk => {
  const cursor = cursorOf(message);
  const events: ProposedEvent[] = [];
  let correlationId: Buffer = NO_BYTES;
  let options: BatchAppendOptions | undefined;
  let isFinal = false;
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tagOf(1, BYTES)) correlationId = readBytes(cursor);
    else if (tag === tagOf(2, BYTES)) options = decodeOptions(readBytes(cursor));
    else if (tag === tagOf(3, BYTES)) events.push(decodeProposedMessage(readBytes(cursor)));
    else if (tag === tagOf(4, VARINT)) isFinal = readVarint(cursor) !== 0;
    else skipField(cursor, tag & 7);
  }
  return { correlationId, options, events, isFinal };
};

const decodeOptions = (message: Buffer): BatchAppendOptions => {
  const cursor = cursorOf(message);
  let stream = '';
  let expected: ExpectedRevision | undefined;
  let deadlineAtMs = Number.POSITIVE_INFINITY;
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tagOf(1, BYTES)) stream = decodeStreamIdentifier(readBytes(cursor));
    else if (tag === tagOf(2, VARINT)) expected = readVarint(cursor);
    else if (tag === tagOf(6, BYTES)) deadlineAtMs = decodeSecondsAndNanos(readBytes(cursor));
    else if (tag === tagOf(7, BYTES)) deadlineAtMs = Date.now() + decodeSecondsAndNanos(readBytes(cursor));
    else {
      if (tag === tagOf(3, BYTES)) expected = 'no_stream';
      else if (tag === tagOf(4, BYTES)) expected = 'any';
      else if (tag === tagOf(5, BYTES)) expected = 'stream_exists';
      skipField(cursor, tag & 7);
    }
  }
  return { stream, expected, deadlineAtMs };
};

const decodeStreamIdentifier = (message: Buffer): string => {
  const cursor = cursorOf(message);
  let name = '';
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tagOf(3, BYTES)) name = readString(cursor);
    else skipField(cursor, tag & 7);
  }
  return name;
};

/** `google.protobuf.Timestamp` and `Duration` share this shape; the result is in milliseconds, 0 where negative. */
const decodeSecondsAndNanos = (message: Buffer): number => {
  const cursor = cursorOf(message);
  let milliseconds = 0;
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tagOf(1, VARINT)) milliseconds += readVarint(cursor) * 1_000;
    else if (tag === tagOf(2, VARINT)) milliseconds += readVarint(cursor) / 1_000_000;
    else skipField(cursor, tag & 7);
  }
  // A negative number is a varint of its 64-bit complement.
  return milliseconds < 2 ** 63 ? milliseconds : 0;
};

const decodeProposedMessage = (message: Buffer): ProposedEvent => {
  const cursor = cursorOf(message);
  let id: Buffer | undefined;
  let type = '';
  let contentType = '';
  let metadata: Buffer = NO_BYTES;
  let data: Buffer = NO_BYTES;
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tagOf(1, BYTES)) id = decodeUuid(readBytes(cursor));
    else if (tag === tagOf(2, BYTES)) {
      const [key, value] = decodeMapEntry(readBytes(cursor));
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (tag === tagOf(3, BYTES)) metadata = readBytes(cursor);
    else if (tag === tagOf(4, BYTES)) data = readBytes(cursor);
    else skipField(cursor, tag & 7);
  }
  return { id, type, contentType, metadata, data };
};

const decodeMapEntry = (message: Buffer): readonly [string, string] => {
  const cursor = cursorOf(message);
  let key = '';
  let value = '';
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tagOf(1, BYTES)) key = readString(cursor);
    else if (tag === tagOf(2, BYTES)) value = readString(cursor);
    else skipField(cursor, tag & 7);
  }
  return [key, value];
};

/** The answer to a batch append that was stored. `revision` is undefined when the append held no event. */
export const encodeBatchAppendSuccess = (
  correlationId: Buffer,
  stream: Buffer,
  revision: number | undefined,
  position: number | undefined,
): Buffer => {
  const revisionSize = revision === undefined ? fieldSize(0) : 1 + varintSize(revision);
  const positionBody = position === undefined ? 0 : 2 * (1 + varintSize(position));
  const successSize = revisionSize + fieldSize(positionBody);
  const identifierSize = fieldSize(stream.length);
  const size = fieldSize(correlationId.length) + fieldSize(successSize) + fieldSize(identifierSize);
  const message = Buffer.allocUnsafe(size);
  let at = writeBytesField(message, 1, correlationId, 0);
  at = writeFieldHeader(message, 3, successSize, at);
  at =
    revision === undefined ? writeFieldHeader(message, 2, 0, at) : writeVarintField(message, 1, revision, at);
  at = writeFieldHeader(message, position === undefined ? 4 : 3, positionBody, at);
  if (position !== undefined)
    at = writeVarintField(message, 2, position, writeVarintField(message, 1, position, at));
  at = writeFieldHeader(message, 4, identifierSize, at);
  writeBytesField(message, 3, stream, at);
  return message;
};

/** The answer to a batch append that was refused; `status` is an encoded `google.rpc.Status`. */
export const encodeBatchAppendError = (correlationId: Buffer, stream: Buffer, status: Buffer): Buffer => {
  const identifierSize = fieldSize(stream.length);
  const size = fieldSize(correlationId.length) + fieldSize(status.length) + fieldSize(identifierSize);
  const message = Buffer.allocUnsafe(size);
  let at = writeBytesField(message, 1, correlationId, 0);
  at = writeBytesField(message, 2, status, at);
  at = writeFieldHeader(message, 4, identifierSize, at);
  writeBytesField(message, 3, stream, at);
  return message;
};
