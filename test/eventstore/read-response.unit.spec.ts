/** Reading answers from their bytes, held against what the client makes of the same bytes. */
import { convertGrpcEvent } from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeReadResponse } from '../../src/eventstore/read-response.ts';
import { holds } from '../support/properties.ts';
import { fromClient } from './support.ts';

const { Empty, StreamIdentifier, UUID } = sharedPb;
const { ReadResp } = streamsPb;
type Response = streamsPb.ReadResp;

const uint64 = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 300n), fc.constant(2n ** 63n - 1n));
const json = fc.json().map((text) => Buffer.from(text));
const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
/** 100 ns since the epoch, as servers count; up to the year 9999, and now and then no number at all. */
const created = fc.oneof(fc.bigInt(0n, 2_534_023_007_999_999_999n).map(String), fc.constantFrom('', 'soon'));

const recorded = fc.record({
  id: fc.uuid(),
  stream: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  type: fc.string({ unit: 'binary', maxLength: 200 }),
  contentType: fc.constantFrom('application/json', 'application/octet-stream'),
  created,
  revision: uint64,
  position: uint64,
  data: fc.oneof(json, anyBytes),
  metadata: fc.oneof(json, anyBytes),
});
type Recorded = typeof recorded extends fc.Arbitrary<infer Case> ? Case : never;

const responseOf = (event: Recorded): Response => {
  const record = new ReadResp.ReadEvent.RecordedEvent();
  const id = new UUID();
  id.setString(event.id);
  record.setId(id);
  const stream = new StreamIdentifier();
  stream.setStreamName(Buffer.from(event.stream));
  record.setStreamIdentifier(stream);
  record.setStreamRevision(String(event.revision));
  record.setPreparePosition(String(event.position));
  record.setCommitPosition(String(event.position));
  record.getMetadataMap().set('type', event.type).set('content-type', event.contentType);
  record.getMetadataMap().set('created', event.created).set('something-new', 'of a later server');
  record.setCustomMetadata(event.metadata);
  record.setData(event.data);
  const read = new ReadResp.ReadEvent();
  read.setEvent(record);
  read.setCommitPosition(String(event.position));
  const response = new ReadResp();
  response.setEvent(read);
  return response;
};

const bytesOf = (response: Response): Buffer => Buffer.from(response.serializeBinary());

it('makes of any event what the client makes of it', () => {
  holds(
    fc.property(recorded, (event) => {
      const bytes = bytesOf(responseOf(event));
      const read = ReadResp.deserializeBinary(bytes).getEvent();
      const expected = read && fromClient(convertGrpcEvent(read));
      expect(expected).toBeDefined();
      expect(decodeReadResponse(bytes)).toEqual(expected);
    }),
    1_000,
  );
});

it('steps over fields of a later server, of every kind and wherever they are', () => {
  const later = Buffer.concat([
    ...[Buffer.of(0x80 | (0 << 3), 0x7d, 0x96, 0x01), Buffer.of(0x80 | 1, 0x7d, 1, 2, 3, 4, 5, 6, 7, 8)],
    ...[Buffer.of(0x80 | 2, 0x7d, 3, 7, 7, 7), Buffer.of(0x80 | 5, 0x7d, 1, 2, 3, 4)],
  ]);
  const inField = (tag: number, body: Buffer): Buffer =>
    Buffer.concat([Buffer.of(tag, 0x80 | (body.length & 0x7f), body.length >> 7), body]);
  const id = inField(0x0a, Buffer.concat([later, inField(0x12, Buffer.from('an-id')), later]));
  const type = inField(0x12, Buffer.from('Happened'));
  const entry = inField(0x32, Buffer.concat([later, inField(0x0a, Buffer.from('type')), type, later]));
  const event = inField(0x0a, Buffer.concat([later, id, later, entry, later]));
  const response = Buffer.concat([later, inField(0x0a, Buffer.concat([later, event, later])), later]);
  expect(decodeReadResponse(response)).toMatchObject({ id: 'an-id', type: 'Happened' });
});

it('refuses an answer that was cut off', () => {
  holds(
    fc.property(recorded, fc.nat(), (event, at) => {
      const bytes = bytesOf(responseOf(event));
      const cut = bytes.subarray(0, 1 + (at % (bytes.length - 1)));
      expect(() => decodeReadResponse(cut)).toThrow(RangeError);
    }),
  );
});

it('refuses a field that is longer than the message it is in', () => {
  // An event of two bytes, whose id says that it has nine.
  expect(() => decodeReadResponse(Buffer.of(0x0a, 4, 0x0a, 2, 0x0a, 9, ...Buffer.alloc(9)))).toThrow(
    RangeError,
  );
});

it('tells a stream that does not exist, and a link that leads nowhere, from events', () => {
  const missing = new ReadResp();
  missing.setStreamNotFound(new ReadResp.StreamNotFound());
  expect(decodeReadResponse(bytesOf(missing))).toBe('no-stream');
  const deadLink = new ReadResp();
  const read = new ReadResp.ReadEvent();
  read.setNoPosition(new Empty());
  deadLink.setEvent(read);
  expect(decodeReadResponse(bytesOf(deadLink))).toBe('nothing');
});

it('tells what a subscription hears between events', () => {
  const confirmed = new ReadResp();
  confirmed.setConfirmation(new ReadResp.SubscriptionConfirmation());
  expect(decodeReadResponse(bytesOf(confirmed))).toBe('confirmed');
  const caughtUp = new ReadResp();
  caughtUp.setCaughtUp(new ReadResp.CaughtUp());
  expect(decodeReadResponse(bytesOf(caughtUp))).toBe('caught-up');
  const fellBehind = new ReadResp();
  fellBehind.setFellBehind(new ReadResp.FellBehind());
  expect(decodeReadResponse(bytesOf(fellBehind))).toBe('fell-behind');
  const last = new ReadResp();
  last.setLastStreamPosition('7');
  expect(decodeReadResponse(bytesOf(last))).toBe('nothing');
});

it('reads how far a filtered subscription has looked', () => {
  holds(
    fc.property(uint64, (position) => {
      const response = new ReadResp();
      const checkpoint = new ReadResp.Checkpoint();
      checkpoint.setCommitPosition(String(position));
      checkpoint.setPreparePosition(String(position));
      response.setCheckpoint(checkpoint);
      expect(decodeReadResponse(bytesOf(response))).toEqual({ checkpoint: position });
    }),
  );
});
