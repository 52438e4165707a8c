/**
 * The stored form of one event. A record is a checksummed header, the names a filter looks at, and the event
 * already encoded as the `ReadResp` message that a reader is sent, so that serving it is one copy.
 *
 * Layout, little-endian:
 *    0  u32  CRC-32 of everything behind it
 *    4  u32  format
 *    8  16B  event id
 *   24  f64  created, ms since the Unix epoch
 *   32  f64  position
 *   40  f64  revision, or -1 for the tombstone
 *   48  u32  stream name, bytes      52  u32  event type, bytes
 *   56  u32  offset of RecordedEvent 60  u32  offset of the data field's body
 *   64  stream name, event type, ReadResp
 */
import { crc32 } from 'node:zlib';
import {
  fieldSize,
  varintSize,
  writeAsciiField,
  writeBytesField,
  writeFieldHeader,
  writeVarintField,
} from '../wire/protobuf.ts';
import { uuidHalves, uuidText } from '../wire/uuid.ts';
import type { ProposedEvent } from './append.ts';
import { CorruptRecordError } from './corrupt.ts';

const FORMAT = 1;
const HEADER_BYTES = 64;
/** An id field is always this long: tag and length, then tag and length of 36 characters. */
const ID_FIELD_BYTES = 40;
/** The revision a tombstone has on the wire: 2^63 - 1, which no double holds. */
const TOMBSTONE_REVISION_VARINT = Buffer.from('ffffffffffffffff7f', 'hex');

export const TOMBSTONE = -1;

/** What a record says, without decoding the event in it. */
export type StoredRecord = {
  readonly position: number;
  /** The position of the record behind this one. */
  readonly nextPosition: number;
  readonly revision: number;
  readonly stream: string;
  readonly type: string;
  readonly createdMs: number;
  readonly bytes: Buffer;
};

export type NewRecord = {
  readonly event: ProposedEvent & { readonly id: Buffer };
  readonly stream: Buffer;
  readonly revision: number;
  readonly position: number;
  readonly createdMs: number;
};

const CREATED = Buffer.from('created');
const TYPE = Buffer.from('type');
const CONTENT_TYPE = Buffer.from('content-type');

export const encodeRecord = ({ event, stream, revision, position, createdMs }: NewRecord): Buffer => {
  const type = Buffer.from(event.type);
  const contentType = Buffer.from(event.contentType);
  // The contract counts in .NET ticks of 100 ns.
  const created = Buffer.from(`${createdMs}0000`, 'latin1');
  const revisionSize = revision === TOMBSTONE ? 10 : 1 + varintSize(revision);
  const positionSize = 1 + varintSize(position);
  const recordedSize =
    ID_FIELD_BYTES +
    fieldSize(fieldSize(stream.length)) +
    revisionSize +
    2 * positionSize +
    entrySize(TYPE, type) +
    entrySize(CONTENT_TYPE, contentType) +
    entrySize(CREATED, created) +
    fieldSize(event.metadata.length) +
    fieldSize(event.data.length);
  const readEventSize = fieldSize(recordedSize) + positionSize;
  const namesEnd = HEADER_BYTES + stream.length + type.length;
  const record = Buffer.allocUnsafe(namesEnd + fieldSize(readEventSize));

  stream.copy(record, HEADER_BYTES);
  type.copy(record, HEADER_BYTES + stream.length);
  let at = writeFieldHeader(record, 1, readEventSize, namesEnd);
  at = writeFieldHeader(record, 1, recordedSize, at);
  const recordedOffset = at;
  at = writeFieldHeader(record, 1, ID_FIELD_BYTES - 2, at);
  at = writeAsciiField(record, 2, uuidText(event.id), at);
  at = writeFieldHeader(record, 2, fieldSize(stream.length), at);
  at = writeBytesField(record, 3, stream, at);
  at = writeRevision(record, revision, at);
  at = writeVarintField(record, 4, position, at);
  at = writeVarintField(record, 5, position, at);
  at = writeEntry(record, TYPE, type, at);
  at = writeEntry(record, CONTENT_TYPE, contentType, at);
  at = writeEntry(record, CREATED, created, at);
  at = writeBytesField(record, 7, event.metadata, at);
  at = writeBytesField(record, 8, event.data, at);
  const dataOffset = at - event.data.length;
  writeVarintField(record, 3, position, at);

  record.writeUInt32LE(FORMAT, 4);
  event.id.copy(record, 8);
  record.writeDoubleLE(createdMs, 24);
  record.writeDoubleLE(position, 32);
  record.writeDoubleLE(revision, 40);
  record.writeUInt32LE(stream.length, 48);
  record.writeUInt32LE(type.length, 52);
  record.writeUInt32LE(recordedOffset, 56);
  record.writeUInt32LE(dataOffset, 60);
  record.writeUInt32LE(crc32(record.subarray(4)), 0);
  return record;
};

const writeRevision = (record: Buffer, revision: number, at: number): number => {
  if (revision !== TOMBSTONE) return writeVarintField(record, 3, revision, at);
  record[at] = 3 << 3;
  return at + 1 + TOMBSTONE_REVISION_VARINT.copy(record, at + 1);
};

const entrySize = (key: Buffer, value: Buffer): number =>
  fieldSize(fieldSize(key.length) + fieldSize(value.length));

const writeEntry = (record: Buffer, key: Buffer, value: Buffer, at: number): number => {
  const body = writeFieldHeader(record, 6, fieldSize(key.length) + fieldSize(value.length), at);
  return writeBytesField(record, 2, value, writeBytesField(record, 1, key, body));
};

/** Checks a record against its checksum and its key. Throws CorruptRecordError naming the place. */
export const openRecord = (bytes: Buffer, position: number): StoredRecord => {
  if (bytes.length < HEADER_BYTES || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) {
    throw new CorruptRecordError(`record at position ${position}${describe(bytes)} fails its checksum`);
  }
  if (bytes.readUInt32LE(4) !== FORMAT) {
    throw new CorruptRecordError(`record at position ${position} has format ${bytes.readUInt32LE(4)}`);
  }
  const typeStart = HEADER_BYTES + bytes.readUInt32LE(48);
  const typeEnd = typeStart + bytes.readUInt32LE(52);
  const recordPosition = bytes.readDoubleLE(32);
  if (recordPosition !== position) {
    throw new CorruptRecordError(`position ${position} holds the record of position ${recordPosition}`);
  }
  return {
    position,
    nextPosition: position + bytes.length,
    revision: bytes.readDoubleLE(40),
    stream: bytes.toString('utf8', HEADER_BYTES, typeStart),
    type: bytes.toString('utf8', typeStart, typeEnd),
    createdMs: bytes.readDoubleLE(24),
    bytes,
  };
};

/** Best guess of what a damaged record was, to help whoever has to repair it. */
const describe = (bytes: Buffer): string => {
  if (bytes.length < HEADER_BYTES) return '';
  const nameEnd = HEADER_BYTES + Math.min(bytes.readUInt32LE(48), bytes.length);
  const name = bytes.toString('utf8', HEADER_BYTES, nameEnd).slice(0, 200);
  return ` (it seems to be event ${bytes.readDoubleLE(40)} of stream '${name}')`;
};

export const eventIdOf = (record: StoredRecord): Buffer => record.bytes.subarray(8, 24);

const namesEndOf = (record: StoredRecord): number =>
  HEADER_BYTES + record.bytes.readUInt32LE(48) + record.bytes.readUInt32LE(52);

/** The encoded `ReadResp` of an event with its id as text: what almost every reader asks for. */
export const readResponseOf = (record: StoredRecord): Buffer => record.bytes.subarray(namesEndOf(record));

/** The encoded `RecordedEvent` alone, with its id in the form the caller asked for. */
export const recordedEventOf = (record: StoredRecord, structuredId: boolean): Buffer => {
  const start = record.bytes.readUInt32LE(56);
  const end = record.bytes.readUInt32LE(60) + dataLengthOf(record);
  const recorded = record.bytes.subarray(start, end);
  return structuredId ? withStructuredId(recorded, eventIdOf(record)) : recorded;
};

export const dataOf = (record: StoredRecord): Buffer => {
  const start = record.bytes.readUInt32LE(60);
  return record.bytes.subarray(start, start + dataLengthOf(record));
};

/** The data is the last field of RecordedEvent; behind it stands only the commit position of the ReadEvent. */
const dataLengthOf = (record: StoredRecord): number =>
  record.bytes.length - 1 - varintSize(record.position) - record.bytes.readUInt32LE(60);

const withStructuredId = (recorded: Buffer, id: Buffer): Buffer => {
  const { most, least } = uuidHalves(id);
  const halves = Buffer.concat([Buffer.of(1 << 3), varint64(most), Buffer.of(2 << 3), varint64(least)]);
  const structured = Buffer.allocUnsafe(fieldSize(fieldSize(halves.length)));
  const at = writeFieldHeader(structured, 1, fieldSize(halves.length), 0);
  writeBytesField(structured, 1, halves, at);
  return Buffer.concat([structured, recorded.subarray(ID_FIELD_BYTES)]);
};

const varint64 = (decimal: string): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(decimal));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
};
