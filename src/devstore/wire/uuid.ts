/** Event ids travel as text or as two signed 64-bit halves; the store keeps their 16 bytes. */
import {
  BYTES,
  type Cursor,
  cursorOf,
  readBytes,
  readString,
  readVarint,
  skipField,
  VARINT,
} from './protobuf.ts';

const HEX = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** The 16 bytes of a UUID in its usual text form, or undefined when the text is not one. */
export const uuidBytes = (text: string): Buffer | undefined =>
  HEX.test(text) ? Buffer.from(text.replaceAll('-', ''), 'hex') : undefined;

export const uuidText = (bytes: Buffer): string => {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Decodes the contract's `UUID` message in either of its forms; undefined when it holds no valid id. */
export const decodeUuid = (message: Buffer): Buffer | undefined => {
  const cursor = cursorOf(message);
  let id: Buffer | undefined;
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === ((2 << 3) | BYTES)) id = uuidBytes(readString(cursor));
    else if (tag === ((1 << 3) | BYTES)) id = decodeHalves(readBytes(cursor));
    else skipField(cursor, tag & 7);
  }
  return id;
};

const decodeHalves = (message: Buffer): Buffer => {
  const bytes = Buffer.alloc(16);
  const cursor = cursorOf(message);
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === ((1 << 3) | VARINT)) writeHalf(bytes, 0, cursor);
    else if (tag === ((2 << 3) | VARINT)) writeHalf(bytes, 8, cursor);
    else skipField(cursor, tag & 7);
  }
  return bytes;
};

/** Ten bytes of seven bits. */
const MAX_VARINT_BITS = 70n;

const writeHalf = (bytes: Buffer, offset: number, cursor: Cursor): void => {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    if (cursor.at >= cursor.end || shift >= MAX_VARINT_BITS) throw new RangeError('not a 64-bit varint');
    const byte = cursor.bytes[cursor.at++] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value), offset);
};

/** The two signed halves of an id, as decimal strings: the form the generated stubs take. */
export const uuidHalves = (bytes: Buffer): { most: string; least: string } => ({
  most: bytes.readBigInt64BE(0).toString(),
  least: bytes.readBigInt64BE(8).toString(),
});
