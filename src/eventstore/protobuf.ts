/**
 * Reads protobuf messages where they lie, for the one answer that arrives millions of times: the client's generated
 * classes make some twenty objects of an event before anybody has looked at it.
 */

/** A place in a message. Reading behind its end throws a RangeError. */
export type Cursor = { readonly bytes: Buffer; at: number };

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const WIRE_TYPE_BITS = 3;
/** Seven bits a byte; what six of them hold fits a number exactly. */
const EXACT_BYTES = 6;
const MAX_VARINT_BYTES = 10;

/** A field's number and its type on the wire, as one: `field << 3 | type`. */
export const bytesField = (field: number): number => (field << WIRE_TYPE_BITS) | BYTES;
export const varintField = (field: number): number => (field << WIRE_TYPE_BITS) | VARINT;

/** Tags and lengths: below 2^53. */
export const readVarint = (cursor: Cursor): number => {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new RangeError('A message ends within a number.');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw new RangeError('A number in a message is too long.');
};

/** All 64 bits of it, unsigned. */
export const readUint64 = (cursor: Cursor): bigint => {
  const start = cursor.at;
  const value = readVarint(cursor);
  if (cursor.at - start <= EXACT_BYTES) return BigInt(value);
  let exact = 0n;
  for (let at = cursor.at - 1; at >= start; at -= 1) {
    exact = (exact << 7n) | BigInt((cursor.bytes[at] ?? 0) & 0x7f);
  }
  return BigInt.asUintN(64, exact);
};

/** Reads the length of a message or text, and answers where it ends. */
export const readEnd = (cursor: Cursor): number => {
  const length = readVarint(cursor);
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new RangeError('A message ends within a field.');
  return end;
};

/** To be called where a message has been read; `end` is its end. */
export const checkEnd = ({ at }: Cursor, end: number): void => {
  if (at !== end) throw new RangeError('A field is longer than the message that it is in.');
};

export const readText = (cursor: Cursor): string => {
  const end = readEnd(cursor);
  const text = cursor.bytes.toString('utf8', cursor.at, end);
  cursor.at = end;
  return text;
};

/** Steps over a field of no interest. */
export const skipField = (cursor: Cursor, tag: number): void => {
  const type = tag & ((1 << WIRE_TYPE_BITS) - 1);
  if (type === VARINT) readVarint(cursor);
  else if (type === BYTES) cursor.at = readEnd(cursor);
  else if (type === FIXED64) cursor.at += 8;
  else if (type === FIXED32) cursor.at += 4;
  else throw new RangeError(`A message has a field of unknown type ${type}.`);
};
