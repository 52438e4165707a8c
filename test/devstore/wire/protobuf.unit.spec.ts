/** The primitives under both hand-written codecs: numbers of every size, and input that ends too soon. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  BYTES,
  cursorOf,
  FIXED32,
  FIXED64,
  fieldSize,
  readBytes,
  readVarint,
  skipField,
  VARINT,
  varintSize,
  writeAsciiField,
  writeBytesField,
  writeVarint,
  writeVarintField,
} from '../../../src/devstore/wire/protobuf.ts';
import { arbitraryBytes, arbitraryNumber } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const MAX_VARINT_BYTES = 10;

it('reads back every number it writes, in the size it announced', () => {
  holds(
    fc.property(arbitraryNumber, (value) => {
      const target = Buffer.alloc(MAX_VARINT_BYTES);
      expect(writeVarint(target, value, 0)).toBe(varintSize(value));
      const cursor = cursorOf(target.subarray(0, varintSize(value)));
      expect(readVarint(cursor)).toBe(value);
      expect(cursor.at).toBe(cursor.end);
    }),
  );
});

it('refuses a number that ends in its middle or never ends', () => {
  expect(() => readVarint(cursorOf(Buffer.of(0x80)))).toThrow(RangeError);
  expect(() => readVarint(cursorOf(Buffer.alloc(11, 0x80)))).toThrow(RangeError);
});

it('refuses a field that is longer than its message', () => {
  expect(() => readBytes(cursorOf(Buffer.of(3, 1, 2)))).toThrow(RangeError);
});

it('steps over fields of every wire type to the one behind them', () => {
  const unknown: readonly (readonly [wireType: number, field: Buffer])[] = [
    [VARINT, Buffer.of(0xff, 0x01)],
    [FIXED64, Buffer.alloc(8)],
    [BYTES, Buffer.of(2, 9, 9)],
    [FIXED32, Buffer.alloc(4)],
  ];
  for (const [wireType, field] of unknown) {
    const cursor = cursorOf(Buffer.concat([field, Buffer.of(42)]));
    skipField(cursor, wireType);
    expect(readVarint(cursor)).toBe(42);
  }
});

it('refuses to step over a field that the message does not hold whole', () => {
  for (const wireType of [VARINT, FIXED64, BYTES, FIXED32]) {
    expect(() => skipField(cursorOf(Buffer.of(0x80)), wireType)).toThrow(RangeError);
  }
});

it('refuses a wire type that the format does not have', () => {
  expect(() => skipField(cursorOf(Buffer.alloc(8)), 7)).toThrow(RangeError);
});

it('writes fields as long as it announces them', () => {
  holds(
    fc.property(arbitraryBytes(), arbitraryNumber, (body, value) => {
      const target = Buffer.alloc(fieldSize(body.length) + 1 + varintSize(value));
      const at = writeBytesField(target, 1, body, 0);
      expect(at).toBe(fieldSize(body.length));
      expect(writeVarintField(target, 2, value, at)).toBe(target.length);
      const cursor = cursorOf(target);
      expect(readVarint(cursor)).toBe((1 << 3) | BYTES);
      expect(readBytes(cursor)).toEqual(body);
      expect(readVarint(cursor)).toBe((2 << 3) | VARINT);
      expect(readVarint(cursor)).toBe(value);
    }),
  );
});

it('writes plain text as the bytes of its letters', () => {
  const target = Buffer.alloc(fieldSize(3));
  writeAsciiField(target, 2, 'abc', 0);
  expect([...target]).toEqual([(2 << 3) | BYTES, 3, 97, 98, 99]);
});
