/** The answers of the Read RPC, as bytes: events come from the store as they were encoded when written. */
import { readResponseOf, recordedEventOf, type StoredRecord } from '../store/record.ts';
import { fieldSize, varintSize, writeBytesField, writeFieldHeader, writeVarintField } from './protobuf.ts';

/** An event as a reader sees it: itself, or a link with the event it leads to, where there is one. */
export type ResolvedRecord = {
  readonly event: StoredRecord | undefined;
  readonly link: StoredRecord | undefined;
};

/** The record whose revision and position a reader goes on from. */
export const originalRecord = ({ event, link }: ResolvedRecord): StoredRecord | undefined => link ?? event;

export const encodeEvent = (resolved: ResolvedRecord, structuredId: boolean): Buffer => {
  if (resolved.link === undefined && !structuredId && resolved.event !== undefined) {
    return readResponseOf(resolved.event);
  }
  const body = encodeReadEvent(resolved, structuredId);
  const message = Buffer.allocUnsafe(fieldSize(body.length));
  writeBytesField(message, 1, body, 0);
  return message;
};

/** The contract's `ReadEvent`, which persistent subscriptions send in a wrapper of their own. */
export const encodeReadEvent = (resolved: ResolvedRecord, structuredId: boolean): Buffer => {
  const event = resolved.event && recordedEventOf(resolved.event, structuredId);
  const link = resolved.link && recordedEventOf(resolved.link, structuredId);
  const position = originalRecord(resolved)?.position ?? 0;
  const size =
    (event ? fieldSize(event.length) : 0) + (link ? fieldSize(link.length) : 0) + 1 + varintSize(position);
  const body = Buffer.allocUnsafe(size);
  let at = event ? writeBytesField(body, 1, event, 0) : 0;
  if (link) at = writeBytesField(body, 2, link, at);
  writeVarintField(body, 3, position, at);
  return body;
};

export const encodeConfirmation = (subscriptionId: string): Buffer => {
  const id = Buffer.from(subscriptionId);
  const message = Buffer.allocUnsafe(fieldSize(fieldSize(id.length)));
  writeBytesField(message, 1, id, writeFieldHeader(message, 2, fieldSize(id.length), 0));
  return message;
};

export const encodeCheckpoint = (position: number): Buffer => {
  const bodySize = 2 * (1 + varintSize(position));
  const message = Buffer.allocUnsafe(fieldSize(bodySize));
  const at = writeVarintField(message, 1, position, writeFieldHeader(message, 3, bodySize, 0));
  writeVarintField(message, 2, position, at);
  return message;
};

export const encodeStreamNotFound = (stream: string): Buffer => {
  const name = Buffer.from(stream);
  const identifierSize = fieldSize(name.length);
  const message = Buffer.allocUnsafe(fieldSize(fieldSize(identifierSize)));
  let at = writeFieldHeader(message, 4, fieldSize(identifierSize), 0);
  at = writeFieldHeader(message, 1, identifierSize, at);
  writeBytesField(message, 3, name, at);
  return message;
};

/** Both are empty messages: `caught_up` is field 8, `fell_behind` field 9. */
export const CAUGHT_UP = Buffer.of((8 << 3) | 2, 0);
export const FELL_BEHIND = Buffer.of((9 << 3) | 2, 0);
