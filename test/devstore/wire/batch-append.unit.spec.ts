/**
 * The hand-written codec of BatchAppend says what the generated stubs say, for any message a client may
 * send.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { describe, expect, it } from 'vitest';
import { statusOfRefusal } from '../../../src/devstore/errors.ts';
import type { ExpectedRevision, IdentifiedEvent } from '../../../src/devstore/store/append.ts';
import {
  decodeBatchAppendReq,
  encodeBatchAppendError,
  encodeBatchAppendSuccess,
} from '../../../src/devstore/wire/batch-append.ts';
import { uuidHalves, uuidText } from '../../../src/devstore/wire/uuid.ts';
import {
  arbitraryBytes,
  arbitraryEvent,
  arbitraryId,
  arbitraryName,
  arbitraryNumber,
} from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const uuidOf = (id: Buffer, structured: boolean): InstanceType<typeof shared.UUID> => {
  if (!structured) return new shared.UUID().setString(uuidText(id));
  const { most, least } = uuidHalves(id);
  return new shared.UUID().setStructured(
    new shared.UUID.Structured().setMostSignificantBits(most).setLeastSignificantBits(least),
  );
};

const messageOf = (event: IdentifiedEvent, structured: boolean): BatchAppendReq.ProposedMessage => {
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(uuidOf(event.id, structured))
    .setCustomMetadata(event.metadata)
    .setData(event.data);
  message.getMetadataMap().set('content-type', event.contentType).set('type', event.type).set('other', 'x');
  return message;
};

type Asked = { readonly stream: string; readonly expected: ExpectedRevision; readonly deadlineAtMs: number };

const optionsOf = ({ stream, expected, deadlineAtMs }: Asked): BatchAppendReq.Options => {
  const name = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(name);
  if (expected === 'any') options.setAny(new emptyPb.Empty());
  else if (expected === 'no_stream') options.setNoStream(new emptyPb.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new emptyPb.Empty());
  else options.setStreamPosition(String(expected));
  if (deadlineAtMs !== Number.POSITIVE_INFINITY) {
    const deadline = new timestampPb.Timestamp();
    deadline.setSeconds(Math.floor(deadlineAtMs / 1_000));
    deadline.setNanos((deadlineAtMs % 1_000) * 1_000_000);
    options.setDeadline(deadline);
  }
  return options;
};

const arbitraryAsked: fc.Arbitrary<Asked> = fc.record({
  stream: arbitraryName,
  expected: fc.oneof(fc.constantFrom('any', 'no_stream', 'stream_exists'), arbitraryNumber),
  deadlineAtMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 4_000_000_000_000 })),
});

const arbitraryChunk = fc.record({
  id: arbitraryId,
  asked: fc.option(arbitraryAsked, { nil: undefined }),
  events: fc.array(arbitraryEvent, { maxLength: 5 }),
  isFinal: fc.boolean(),
  structured: fc.boolean(),
});

const encode = ({ id, asked, events, isFinal, structured }: Chunk): Buffer => {
  const request = new streams.BatchAppendReq().setCorrelationId(uuidOf(id, structured)).setIsFinal(isFinal);
  if (asked !== undefined) request.setOptions(optionsOf(asked));
  for (const event of events) request.addProposedMessages(messageOf(event, structured));
  return Buffer.from(request.serializeBinary());
};
type Chunk = typeof arbitraryChunk extends fc.Arbitrary<infer Value> ? Value : never;

/** Fields that a later version of the contract might add. */
const UNKNOWN_FIELDS = Buffer.concat([
  Buffer.of((15 << 3) | 0, 0x96, 0x01),
  Buffer.of((14 << 3) | 2, 2, 7, 7),
  Buffer.of((13 << 3) | 5, 1, 2, 3, 4),
  Buffer.of((12 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8),
]);

describe('a decoded request', () => {
  it('says what the generated stubs encoded, and skips what it does not know', () => {
    holds(
      fc.property(arbitraryChunk, fc.boolean(), (chunk, unknownFirst) => {
        const encoded = encode(chunk);
        const parts = unknownFirst ? [UNKNOWN_FIELDS, encoded] : [encoded, UNKNOWN_FIELDS];
        const decoded = decodeBatchAppendReq(Buffer.concat(parts));
        expect(decoded.correlationId).toEqual(
          Buffer.from(uuidOf(chunk.id, chunk.structured).serializeBinary()),
        );
        expect(decoded.isFinal).toBe(chunk.isFinal);
        expect(decoded.options).toEqual(chunk.asked);
        expect(decoded.events).toEqual(chunk.events);
      }),
    );
  });

  it('is an empty chunk where the message is empty', () => {
    expect(decodeBatchAppendReq(Buffer.alloc(0))).toEqual({
      correlationId: Buffer.alloc(0),
      options: undefined,
      events: [],
      isFinal: false,
    });
  });

  it('has a deadline in the past where seconds are negative', () => {
    const before1970 = new timestampPb.Timestamp();
    before1970.setSeconds(-1);
    const options = new streams.BatchAppendReq.Options().setDeadline(before1970);
    const encoded = new streams.BatchAppendReq().setOptions(options).serializeBinary();
    expect(decodeBatchAppendReq(Buffer.from(encoded)).options?.deadlineAtMs).toBeLessThan(Date.now());
  });

  it('has an expected revision only where one was sent', () => {
    const options = new streams.BatchAppendReq.Options();
    const encoded = new streams.BatchAppendReq().setOptions(options).serializeBinary();
    expect(decodeBatchAppendReq(Buffer.from(encoded)).options?.expected).toBeUndefined();
  });

  it('is a RangeError or a shorter message, never anything else, when bytes are cut off or changed', () => {
    holds(
      fc.property(arbitraryChunk, fc.nat(), fc.integer({ min: 0, max: 255 }), (chunk, at, change) => {
        const encoded = encode(chunk);
        for (const broken of [encoded.subarray(0, at % encoded.length), Buffer.from(encoded)]) {
          if (broken.length > 0) broken[at % broken.length] = change;
          try {
            decodeBatchAppendReq(broken);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        }
      }),
    );
  });
});

describe('an encoded answer', () => {
  const decode = (answer: Buffer): InstanceType<typeof streams.BatchAppendResp> =>
    streams.BatchAppendResp.deserializeBinary(answer);

  it('tells revision and position of a success, under the id and the stream it belongs to', () => {
    holds(
      fc.property(
        arbitraryId,
        arbitraryName,
        arbitraryNumber,
        arbitraryNumber,
        (id, stream, revision, at) => {
          const correlationId = Buffer.from(uuidOf(id, false).serializeBinary());
          const answer = decode(encodeBatchAppendSuccess(correlationId, Buffer.from(stream), revision, at));
          expect(answer.getCorrelationId()?.getString()).toBe(uuidText(id));
          expect(answer.getStreamIdentifier()?.getStreamName_asU8()).toEqual(
            Uint8Array.from(Buffer.from(stream)),
          );
          expect(answer.getSuccess()?.getCurrentRevision()).toBe(String(revision));
          expect(answer.getSuccess()?.getPosition()?.getCommitPosition()).toBe(String(at));
          expect(answer.getSuccess()?.getPosition()?.getPreparePosition()).toBe(String(at));
        },
      ),
    );
  });

  it('tells of a success that wrote nothing by the two words for it', () => {
    const answer = decode(encodeBatchAppendSuccess(Buffer.alloc(0), Buffer.from('s'), undefined, undefined));
    expect(answer.getSuccess()?.hasNoStream()).toBe(true);
    expect(answer.getSuccess()?.hasNoPosition()).toBe(true);
  });

  it('carries a refusal whole', () => {
    holds(
      fc.property(arbitraryBytes(40), arbitraryName, fc.nat(), (id, stream, maxAppendBytes) => {
        const correlationId = Buffer.from(new shared.UUID().setString(id.toString('hex')).serializeBinary());
        const status = statusOfRefusal({ kind: 'too_large', maxAppendBytes });
        const answer = decode(encodeBatchAppendError(correlationId, Buffer.from(stream), status));
        expect(answer.getCorrelationId()?.getString()).toBe(id.toString('hex'));
        expect(Buffer.from(answer.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream);
        expect(answer.getError()?.getCode()).toBe(3);
        const details = Buffer.from(answer.getError()?.getDetails()?.getValue_asU8() ?? []);
        expect(shared.MaximumAppendSizeExceeded.deserializeBinary(details).getMaxappendsize()).toBe(
          maxAppendBytes,
        );
      }),
    );
  });
});
