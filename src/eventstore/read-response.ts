/**
 * What the server answers to a read, from its bytes: the same event that the client would make of it, without the objects
 * in between. Reading is most of what a rebuild costs.
 */
import {
  bytesField,
  type Cursor,
  checkEnd,
  readEnd,
  readText,
  readUint64,
  readVarint,
  skipField,
  varintField,
} from './protobuf.ts';
import type { StoredEvent } from './stored-event.ts';

/** How far a filtered subscription has looked: a commit position. */
export type Checkpoint = { readonly checkpoint: bigint };

/** `nothing` is what nobody here wants to know, and what a later server may say. */
export type Notice = 'no-stream' | 'confirmed' | 'caught-up' | 'fell-behind' | 'nothing';

export type ReadResponse = StoredEvent | Checkpoint | Notice;

export const isEvent = (response: ReadResponse): response is StoredEvent =>
  typeof response !== 'string' && !('checkpoint' in response);

const EVENT = bytesField(1);
const CHECKPOINT = bytesField(3);
const NOTICES: ReadonlyMap<number, Notice> = new Map([
  [bytesField(2), 'confirmed'],
  [bytesField(4), 'no-stream'],
  [bytesField(8), 'caught-up'],
  [bytesField(9), 'fell-behind'],
]);
const CHECKPOINT_COMMIT = varintField(1);
const READ_EVENT = { event: bytesField(1) } as const;
const RECORDED = {
  id: bytesField(1),
  stream: bytesField(2),
  revision: varintField(3),
  position: varintField(5),
  /** Of the server's making: type, content type and time, in a map. */
  systemMetadata: bytesField(6),
  metadata: bytesField(7),
  data: bytesField(8),
} as const;
const ID = { text: bytesField(2) } as const;
const STREAM = { name: bytesField(3) } as const;
const ENTRY = { key: bytesField(1), value: bytesField(2) } as const;

/** Times count 100 ns since the epoch, more than a number holds exactly; their last digits are less than a ms. */
const DIGITS_BELOW_MS = 4;
const DIGIT_0 = 0x30;

/** `bytes` is one `ReadResp` message. Throws a RangeError where they are not. */
export const decodeReadResponse = (bytes: Buffer): ReadResponse => {
  const cursor: Cursor = { bytes, at: 0 };
  let response: ReadResponse = 'nothing';
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor);
    // A link that leads nowhere has no event in it.
    if (tag === EVENT) response = readOnly(cursor, READ_EVENT.event, readRecorded, undefined) ?? response;
    else if (tag === CHECKPOINT)
      response = { checkpoint: readOnly(cursor, CHECKPOINT_COMMIT, readUint64, 0n) };
    else {
      response = NOTICES.get(tag) ?? response;
      skipField(cursor, tag);
    }
  }
  checkEnd(cursor, bytes.length);
  return response;
};

/** The one field of interest in a message. */
const readOnly = <Value>(
  cursor: Cursor,
  wanted: number,
  read: (cursor: Cursor) => Value,
  otherwise: Value,
): Value => {
  const end = readEnd(cursor);
  let value = otherwise;
  while (cursor.at < end) {
    const tag = readVarint(cursor);
    if (tag === wanted) value = read(cursor);
    else skipField(cursor, tag);
  }
  checkEnd(cursor, end);
  return value;
};

/** Filled in place: made of parts with spreads, an event costs three times as much. */
type Draft = { -readonly [Name in keyof StoredEvent]: StoredEvent[Name] };

const readRecorded = (cursor: Cursor): StoredEvent => {
  const end = readEnd(cursor);
  const event: Draft = {
    id: '',
    stream: '',
    revision: 0n,
    position: 0n,
    recordedAtMs: 0,
    type: '',
    data: undefined,
    metadata: undefined,
  };
  let isJson = false;
  let dataStart = 0;
  let dataEnd = 0;
  while (cursor.at < end) {
    const tag = readVarint(cursor);
    if (tag === RECORDED.id) event.id = readOnly(cursor, ID.text, readText, '');
    else if (tag === RECORDED.stream) event.stream = readOnly(cursor, STREAM.name, readText, '');
    else if (tag === RECORDED.revision) event.revision = readUint64(cursor);
    else if (tag === RECORDED.position) event.position = readUint64(cursor);
    else if (tag === RECORDED.systemMetadata) isJson = readSystemMetadata(cursor, event) || isJson;
    else if (tag === RECORDED.metadata) event.metadata = readMetadata(cursor);
    else if (tag === RECORDED.data) {
      dataEnd = readEnd(cursor);
      dataStart = cursor.at;
      cursor.at = dataEnd;
    } else skipField(cursor, tag);
  }
  checkEnd(cursor, end);
  event.data = isJson ? jsonOrText(cursor, dataStart, dataEnd) : copyOf(cursor, dataStart, dataEnd);
  return event;
};

/** One entry of the map. Answers whether it says that the data is JSON. */
const readSystemMetadata = (cursor: Cursor, event: Draft): boolean => {
  const end = readEnd(cursor);
  let key = '';
  let isJson = false;
  while (cursor.at < end) {
    const tag = readVarint(cursor);
    if (tag === ENTRY.key) key = readText(cursor);
    else if (tag !== ENTRY.value) skipField(cursor, tag);
    else if (key === 'type') event.type = readText(cursor);
    else if (key === 'created') event.recordedAtMs = readTimeMs(cursor);
    else if (key === 'content-type') isJson = readText(cursor) === 'application/json';
    else skipField(cursor, tag);
  }
  checkEnd(cursor, end);
  return isJson;
};

/** 0 where it is not a number. */
const readTimeMs = (cursor: Cursor): number => {
  const end = readEnd(cursor);
  let value = 0;
  for (let at = cursor.at; at < end - DIGITS_BELOW_MS; at += 1) {
    value = value * 10 + ((cursor.bytes[at] ?? 0) - DIGIT_0);
  }
  cursor.at = end;
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
};

/** What somebody else wrote may be anything; what is no JSON stays what it is. */
const readMetadata = (cursor: Cursor): unknown => {
  const end = readEnd(cursor);
  const start = cursor.at;
  cursor.at = end;
  if (start === end) return undefined;
  try {
    return JSON.parse(cursor.bytes.toString('utf8', start, end));
  } catch {
    return copyOf(cursor, start, end);
  }
};

const jsonOrText = ({ bytes }: Cursor, start: number, end: number): unknown => {
  const text = bytes.toString('utf8', start, end);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** A view would keep all that arrived with it in memory. */
const copyOf = ({ bytes }: Cursor, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.subarray(start, end));
