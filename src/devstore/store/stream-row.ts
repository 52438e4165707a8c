/** What the store keeps per stream: enough to decide an append and to bound a read without touching a record. */
import { crc32 } from 'node:zlib';
import { CorruptRecordError } from './corrupt.ts';

export type StreamRow = {
  /** The stream's number in the index. Never reused. */
  readonly id: number;
  /** Revision of the last event, -1 while there is none. */
  readonly lastRevision: number;
  readonly tombstoned: boolean;
  /** `$tb`: events before this revision are gone for stream reads. */
  readonly truncateBefore: number;
  /** `$maxCount`, or null. */
  readonly maxCount: number | null;
  /** `$maxAge` in seconds, or null. */
  readonly maxAgeSeconds: number | null;
  /** Whether `$$stream` has ever been written. */
  readonly hasMetadata: boolean;
};

/** `$tb` of a soft-deleted stream is 2^63 - 1; as a double it is 2^63. */
export const SOFT_DELETED = 2 ** 63;

export const isSoftDeleted = (row: StreamRow): boolean => row.truncateBefore >= SOFT_DELETED;

export const newStreamRow = (id: number): StreamRow => ({
  id,
  lastRevision: -1,
  tombstoned: false,
  truncateBefore: 0,
  maxCount: null,
  maxAgeSeconds: null,
  hasMetadata: false,
});

/** The first revision that a read of the stream may show, `$maxAge` aside. */
export const firstReadableRevision = (row: StreamRow): number =>
  Math.max(row.truncateBefore, row.maxCount === null ? 0 : row.lastRevision - row.maxCount + 1, 0);

const ROW_BYTES = 64;

/** The checksum covers the name too, so that no row passes for another stream's. */
const checksum = (bytes: Buffer, stream: string): number => crc32(bytes.subarray(8), crc32(stream));

export const encodeStreamRow = (row: StreamRow, stream: string): Buffer => {
  const bytes = Buffer.alloc(ROW_BYTES);
  bytes.writeDoubleLE(row.id, 8);
  bytes.writeDoubleLE(row.lastRevision, 16);
  bytes.writeDoubleLE(row.truncateBefore, 24);
  bytes.writeDoubleLE(row.maxCount ?? -1, 32);
  bytes.writeDoubleLE(row.maxAgeSeconds ?? -1, 40);
  bytes.writeUInt8(row.tombstoned ? 1 : 0, 48);
  bytes.writeUInt8(row.hasMetadata ? 1 : 0, 49);
  bytes.writeUInt32LE(checksum(bytes, stream), 0);
  return bytes;
};

export const decodeStreamRow = (bytes: Buffer, stream: string): StreamRow => {
  if (bytes.length !== ROW_BYTES || checksum(bytes, stream) !== bytes.readUInt32LE(0)) {
    throw new CorruptRecordError(`the row of stream '${stream}' fails its checksum`);
  }
  const maxCount = bytes.readDoubleLE(32);
  const maxAgeSeconds = bytes.readDoubleLE(40);
  return {
    id: bytes.readDoubleLE(8),
    lastRevision: bytes.readDoubleLE(16),
    truncateBefore: bytes.readDoubleLE(24),
    maxCount: maxCount < 0 ? null : maxCount,
    maxAgeSeconds: maxAgeSeconds < 0 ? null : maxAgeSeconds,
    tombstoned: bytes.readUInt8(48) === 1,
    hasMetadata: bytes.readUInt8(49) === 1,
  };
};
