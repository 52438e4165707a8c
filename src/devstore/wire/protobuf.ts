/**
 * The few protobuf primitives that the two hot messages need. Everything else goes through the generated
 * stubs; these exist because decoding an append and encoding a read are most of the server's work.
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/** A cursor over one message. Reading past the end throws a RangeError. */
export type Cursor = { readonly bytes: Buffer; at: number; readonly end: number };

export const cursorOf = (bytes: Buffer): Cursor => ({ bytes, at: 0, end: bytes.length });

/** Reads a varint as a number. Values above 2^53 lose their low bits: see `readVarintExact` where that matters. */
export const readVarint = (cursor: Cursor): number => {
  let value = 0;
  let scale = 1;
  for (;;) {
    if (cursor.at >= cursor.end) throw new RangeError('truncated varint');
    const byte = cursor.bytes[cursor.at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
    if (scale > 2 ** 63) throw new RangeError('varint longer than 10 bytes');
  }
};

/** Reads a length-delimited field as a view on the message, without copying. */
export const readBytes = (cursor: Cursor): Buffer => {
  const length = readVarint(cursor);
  const start = cursor.at;
  if (start + length > cursor.end) throw new RangeError('truncated field');
  cursor.at = start + length;
  return cursor.bytes.subarray(start, cursor.at);
};

export const readString = (cursor: Cursor): string => {
  const length = readVarint(cursor);
  const start = cursor.at;
  if (start + length > cursor.end) throw new RangeError('truncated field');
  cursor.at = start + length;
  return cursor.bytes.toString('utf8', start, cursor.at);
};

/** Steps over a field this server has no use for. */
export const skipField = (cursor: Cursor, wireType: number): void => {
  if (wireType === VARINT) readVarint(cursor);
  else if (wireType === BYTES) readBytes(cursor);
  else if (wireType === FIXED64) skipBytes(cursor, 8);
  else if (wireType === FIXED32) skipBytes(cursor, 4);
  else throw new RangeError(`unknown wire type ${wireType}`);
};

const skipBytes = (cursor: Cursor, count: number): void => {
  if (cursor.at + count > cursor.end) throw new RangeError('truncated field');
  cursor.at += count;
};

export const varintSize = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
};

/** Size of a length-delimited field with a one-byte tag. */
export const fieldSize = (length: number): number => 1 + varintSize(length) + length;

/** Writes a varint and returns the offset behind it. */
export const writeVarint = (target: Buffer, value: number, offset: number): number => {
  let at = offset;
  let rest = value;
  while (rest >= 128) {
    target[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[at++] = rest;
  return at;
};

/** Writes tag and length of a length-delimited field; the caller writes the body at the returned offset. */
export const writeFieldHeader = (target: Buffer, field: number, length: number, offset: number): number => {
  target[offset] = (field << 3) | BYTES;
  return writeVarint(target, length, offset + 1);
};

export const writeVarintField = (target: Buffer, field: number, value: number, offset: number): number => {
  target[offset] = (field << 3) | VARINT;
  return writeVarint(target, value, offset + 1);
};

export const writeBytesField = (target: Buffer, field: number, body: Buffer, offset: number): number => {
  const at = writeFieldHeader(target, field, body.length, offset);
  body.copy(target, at);
  return at + body.length;
};

export const writeAsciiField = (target: Buffer, field: number, text: string, offset: number): number => {
  const at = writeFieldHeader(target, field, text.length, offset);
  target.write(text, at, 'latin1');
  return at + text.length;
};
