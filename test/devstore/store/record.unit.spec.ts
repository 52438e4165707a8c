/**
 * A record is what readers are sent, so its bytes have to be right for any event, and damage must never
 * pass.
 */
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptRecordError } from '../../../src/devstore/store/corrupt.ts';
import {
  dataOf,
  encodeRecord,
  eventIdOf,
  type NewRecord,
  openRecord,
  readResponseOf,
  recordedEventOf,
  type StoredRecord,
  TOMBSTONE,
} from '../../../src/devstore/store/record.ts';
import { uuidHalves, uuidText } from '../../../src/devstore/wire/uuid.ts';
import { arbitraryEvent, arbitraryName, arbitraryNumber } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const arbitraryNewRecord: fc.Arbitrary<NewRecord> = fc.record({
  event: arbitraryEvent,
  stream: arbitraryName.map((name) => Buffer.from(name)),
  revision: arbitraryNumber,
  position: arbitraryNumber,
  createdMs: fc.integer({ min: 1, max: 4_000_000_000_000 }),
});

const store = (record: NewRecord): StoredRecord => openRecord(encodeRecord(record), record.position);

const readEventOf = (record: StoredRecord): ReadResp.ReadEvent => {
  const event = streams.ReadResp.deserializeBinary(readResponseOf(record)).getEvent();
  if (event === undefined) throw new Error('the answer holds no event');
  return event;
};

const recordedOf = (record: StoredRecord, structuredId: boolean): ReadResp.ReadEvent.RecordedEvent =>
  streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(recordedEventOf(record, structuredId));

const expectSameEvent = (
  recorded: ReadResp.ReadEvent.RecordedEvent | undefined,
  { event, stream, revision, position, createdMs }: NewRecord,
): void => {
  expect(Buffer.from(recorded?.getStreamIdentifier()?.getStreamName_asU8() ?? [])).toEqual(stream);
  expect(recorded?.getStreamRevision()).toBe(String(revision));
  expect(recorded?.getCommitPosition()).toBe(String(position));
  expect(recorded?.getPreparePosition()).toBe(String(position));
  expect(Object.fromEntries(recorded?.getMetadataMap().toArray() ?? [])).toEqual({
    type: event.type,
    'content-type': event.contentType,
    created: String(BigInt(createdMs) * 10_000n),
  });
  expect(Buffer.from(recorded?.getCustomMetadata_asU8() ?? [])).toEqual(event.metadata);
  expect(Buffer.from(recorded?.getData_asU8() ?? [])).toEqual(event.data);
};

describe('a stored record', () => {
  it('holds the answer that a reader is sent, as the generated stubs read it', () => {
    holds(
      fc.property(arbitraryNewRecord, (asked) => {
        const answer = readEventOf(store(asked));
        expectSameEvent(answer.getEvent(), asked);
        expect(answer.getEvent()?.getId()?.getString()).toBe(uuidText(asked.event.id));
        expect(answer.getCommitPosition()).toBe(String(asked.position));
        expect(answer.hasLink()).toBe(false);
      }),
    );
  });

  it('gives the event alone, with its id as text or as two halves', () => {
    holds(
      fc.property(arbitraryNewRecord, (asked) => {
        const record = store(asked);
        expectSameEvent(recordedOf(record, false), asked);
        const structured = recordedOf(record, true);
        expectSameEvent(structured, asked);
        const halves = structured.getId()?.getStructured();
        const { most, least } = uuidHalves(asked.event.id);
        expect(halves?.getMostSignificantBits()).toBe(most);
        expect(halves?.getLeastSignificantBits()).toBe(least);
      }),
    );
  });

  it('says without decoding what filters and indexes ask for', () => {
    holds(
      fc.property(arbitraryNewRecord, (asked) => {
        const record = store(asked);
        expect(record.stream).toBe(asked.stream.toString());
        expect(record.type).toBe(asked.event.type);
        expect(record.revision).toBe(asked.revision);
        expect(record.createdMs).toBe(asked.createdMs);
        expect(record.nextPosition).toBe(asked.position + record.bytes.length);
        expect(eventIdOf(record)).toEqual(asked.event.id);
        expect(dataOf(record)).toEqual(asked.event.data);
      }),
    );
  });

  it('shows a tombstone at revision 2^63 - 1', () => {
    holds(
      fc.property(arbitraryNewRecord, (asked) => {
        const recorded = readEventOf(store({ ...asked, revision: TOMBSTONE })).getEvent();
        expect(recorded?.getStreamRevision()).toBe('9223372036854775807');
      }),
      20,
    );
  });
});

describe('a damaged record', () => {
  it('is refused whichever byte was changed, and the error names the place', () => {
    holds(
      fc.property(arbitraryNewRecord, fc.nat(), fc.integer({ min: 1, max: 255 }), (asked, at, flipped) => {
        const bytes = encodeRecord(asked);
        const index = at % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(index) ^ flipped, index);
        expect(() => openRecord(bytes, asked.position)).toThrow(CorruptRecordError);
        expect(() => openRecord(bytes, asked.position)).toThrow(`position ${asked.position}`);
      }),
      500,
    );
  });

  it('is refused in every single byte of one record', () => {
    const asked = fc.sample(arbitraryNewRecord, { numRuns: 1, seed: 1 })[0];
    if (asked === undefined) throw new Error('there is no sample');
    const sound = encodeRecord(asked);
    for (let index = 0; index < sound.length; index++) {
      const bytes = Buffer.from(sound);
      bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
      expect(() => openRecord(bytes, asked.position)).toThrow(CorruptRecordError);
    }
  });

  it('is refused when its end is missing or something follows it', () => {
    holds(
      fc.property(arbitraryNewRecord, fc.nat(), (asked, length) => {
        const bytes = encodeRecord(asked);
        expect(() => openRecord(bytes.subarray(0, length % bytes.length), asked.position)).toThrow(
          CorruptRecordError,
        );
        expect(() => openRecord(Buffer.concat([bytes, Buffer.of(1)]), asked.position)).toThrow(
          CorruptRecordError,
        );
      }),
    );
  });

  it('is refused under the key of another position', () => {
    holds(
      fc.property(arbitraryNewRecord, arbitraryNumber, (asked, other) => {
        fc.pre(other !== asked.position);
        expect(() => openRecord(encodeRecord(asked), other)).toThrow(CorruptRecordError);
      }),
    );
  });
});
