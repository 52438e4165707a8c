/** Reading the store: by position, by stream and revision, and a stream's row. Every record is checked. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { CorruptRecordError } from './corrupt.ts';
import type { Tables } from './open.ts';
import { openRecord, type StoredRecord } from './record.ts';
import { decodeStreamRow, type StreamRow } from './stream-row.ts';

/** Rows kept in memory. Bounded, so that memory does not grow with the number of streams. */
const ROW_CACHE_ENTRIES = 20_000;
/** LMDB's key limit is 1978 bytes; longer stream names are stored under their digest. */
const MAX_NAME_KEY_BYTES = 1_900;

export type Log = {
  readonly tables: Tables;
  readonly rows: LRUCache<string, StreamRow>;
  /** The position the next record will get: the end of `$all`. */
  endPosition: number;
  nextStreamId: number;
};

/** Throws CorruptRecordError when the last record or stream number is damaged: writing on would do more damage. */
export const openLog = (tables: Tables): Log => {
  const last = firstOf(tables.records.getRange({ reverse: true, limit: 1 }));
  return {
    tables,
    rows: new LRUCache({ max: ROW_CACHE_ENTRIES }),
    endPosition: last === undefined ? 0 : openRecord(last.value, positionOfKey(last.key)).nextPosition,
    nextStreamId: lastStreamId(tables) + 1,
  };
};

const lastStreamId = (tables: Tables): number => {
  const stored = tables.streams.get(NEXT_STREAM_ID_KEY);
  if (stored === undefined) return 0;
  if (crc32(stored.subarray(4)) === stored.readUInt32LE(0)) return stored.readDoubleLE(4);
  throw new CorruptRecordError('the number of the newest stream fails its checksum');
};

export const encodeLastStreamId = (id: number): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes.writeDoubleLE(id, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
};

/** No row and no witness has this key: theirs begin with a letter. */
export const NEXT_STREAM_ID_KEY = Buffer.from([0]);

export const positionKey = (position: number): Buffer => {
  const key = Buffer.allocUnsafe(8);
  writeUInt53(key, position, 0);
  return key;
};

export const indexKey = (streamId: number, revision: number): Buffer => {
  const key = Buffer.allocUnsafe(16);
  writeUInt53(key, streamId, 0);
  writeUInt53(key, revision, 8);
  return key;
};

const writeUInt53 = (target: Buffer, value: number, offset: number): void => {
  target.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  target.writeUInt32BE(value % 2 ** 32, offset + 4);
};

export const positionOfKey = (key: Buffer): number => key.readUInt32BE(0) * 2 ** 32 + key.readUInt32BE(4);

export const streamKey = (stream: string): Buffer => {
  const name = Buffer.from(`s${stream}`);
  return name.length <= MAX_NAME_KEY_BYTES ? name : digestKey('h', stream);
};

/**
 * Written beside a stream's row, under a key of another form: when the row's own key is damaged the stream would
 * read as one that never was, and start again at revision 0.
 */
export const witnessKey = (stream: string): Buffer => digestKey('w', stream);

const digestKey = (prefix: string, stream: string): Buffer =>
  Buffer.from(prefix + createHash('sha256').update(stream).digest('base64'));

/** The row of a stream, or undefined where neither it nor its metadata was ever written. */
export const rowOf = (log: Log, stream: string): StreamRow | undefined => {
  const cached = log.rows.get(stream);
  if (cached !== undefined) return cached;
  const { streams } = log.tables;
  const what = `the row of stream '${stream}'`;
  const stored = lookUp(what, () => streams.get(streamKey(stream)));
  if (stored === undefined) {
    if (lookUp(what, () => streams.get(witnessKey(stream))) === undefined) return undefined;
    throw new CorruptRecordError(`${what} is missing`);
  }
  const row = decodeStreamRow(stored, stream);
  log.rows.set(stream, row);
  return row;
};

/** The record at exactly this position. Throws CorruptRecordError when there is none, or a damaged one. */
export const recordAt = (log: Log, position: number): StoredRecord => {
  const bytes = lookUp(`the record at position ${position}`, () =>
    log.tables.records.get(positionKey(position)),
  );
  if (bytes === undefined) throw new CorruptRecordError(`no record at position ${position}`);
  return openRecord(bytes, position);
};

/** Event `revision` of a stream. Throws CorruptRecordError when the index leads elsewhere. */
export const eventOf = (log: Log, stream: string, row: StreamRow, revision: number): StoredRecord => {
  const what = `event ${revision} of stream '${stream}'`;
  const stored = lookUp(what, () => log.tables.index.get(indexKey(row.id, revision)));
  if (stored === undefined) throw new CorruptRecordError(`${what} is missing from the index`);
  const record = namedRecordAt(log, positionOfKey(stored), stream, revision);
  if (record.stream !== stream || record.revision !== revision) {
    throw new CorruptRecordError(`${what} leads to event ${record.revision} of stream '${record.stream}'`);
  }
  return record;
};

/** As `recordAt`, but a damage is told by the name the caller knows the event under. */
const namedRecordAt = (log: Log, position: number, stream: string, revision: number): StoredRecord => {
  try {
    return recordAt(log, position);
  } catch (cause) {
    if (!(cause instanceof CorruptRecordError)) throw cause;
    throw new CorruptRecordError(`event ${revision} of stream '${stream}': ${cause.message}`, { cause });
  }
};

/**
 * The first position at or behind `position`; the end of the log where there is none. It is found from the record
 * before it, so that a record whose key is damaged is missed, not passed over. Throws CorruptRecordError.
 */
export const seekForward = (log: Log, position: number): number => {
  if (position >= log.endPosition) return log.endPosition;
  const isThere = (): boolean => log.tables.records.get(positionKey(position)) !== undefined;
  if (position <= 0 || lookUp(`the record at position ${position}`, isThere)) return Math.max(position, 0);
  const next = recordBefore(log, position)?.nextPosition ?? 0;
  if (next < position) throw new CorruptRecordError(`no record at position ${next}`);
  return next;
};

/** The record that ends where `position` begins or before, undefined at the start of the log. */
export const recordBefore = (log: Log, position: number): StoredRecord | undefined => {
  const start = positionKey(Math.min(position, log.endPosition));
  const found = lookUp(`the record before position ${position}`, () =>
    firstOf(log.tables.records.getRange({ start, exclusiveStart: true, reverse: true, limit: 1 })),
  );
  return found === undefined ? undefined : openRecord(found.value, positionOfKey(found.key));
};

/** Pages of LMDB have no checksum; where one leads to a page that cannot be, LMDB says so, and not what was wanted. */
const lookUp = <Found>(what: string, find: () => Found): Found => {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.startsWith('MDB_'))) throw cause;
    throw new CorruptRecordError(`${what} cannot be read: ${cause.message}`, { cause });
  }
};

const firstOf = <T>(range: Iterable<T>): T | undefined => {
  for (const entry of range) return entry;
  return undefined;
};
