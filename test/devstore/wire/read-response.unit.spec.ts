/**
 * The answers of Read that hold no stored bytes, and the wrapping of those that do, as the generated stubs
 * see them.
 */
import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeRecord, openRecord } from '../../../src/devstore/store/record.ts';
import {
  CAUGHT_UP,
  encodeCheckpoint,
  encodeConfirmation,
  encodeEvent,
  encodeStreamNotFound,
  FELL_BEHIND,
  originalRecord,
} from '../../../src/devstore/wire/read-response.ts';
import { uuidText } from '../../../src/devstore/wire/uuid.ts';
import { arbitraryEvent, arbitraryName, arbitraryNumber } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const { ReadResp } = streams;

const arbitraryRecord = fc
  .record({
    event: arbitraryEvent,
    stream: arbitraryName,
    revision: arbitraryNumber,
    position: arbitraryNumber,
  })
  .map(({ stream, ...rest }) => {
    const record = { ...rest, stream: Buffer.from(stream), createdMs: 1_700_000_000_000 };
    return openRecord(encodeRecord(record), rest.position);
  });

it('announces a subscription by its id', () => {
  const answer = ReadResp.deserializeBinary(encodeConfirmation('a-subscription'));
  expect(answer.getConfirmation()?.getSubscriptionId()).toBe('a-subscription');
});

it('gives a checkpoint both of its positions', () => {
  holds(
    fc.property(arbitraryNumber, (position) => {
      const checkpoint = ReadResp.deserializeBinary(encodeCheckpoint(position)).getCheckpoint();
      expect(checkpoint?.getCommitPosition()).toBe(String(position));
      expect(checkpoint?.getPreparePosition()).toBe(String(position));
    }),
  );
});

it('names the stream that was not found', () => {
  holds(
    fc.property(arbitraryName, (stream) => {
      const missing = ReadResp.deserializeBinary(encodeStreamNotFound(stream)).getStreamNotFound();
      const name = missing?.getStreamIdentifier()?.getStreamName_asU8() ?? [];
      expect(Buffer.from(name).toString()).toBe(stream);
    }),
  );
});

it('tells the turn to live from falling behind', () => {
  expect(ReadResp.deserializeBinary(CAUGHT_UP).hasCaughtUp()).toBe(true);
  expect(ReadResp.deserializeBinary(FELL_BEHIND).hasFellBehind()).toBe(true);
});

it('sends a link with its target, and positions it by the link', () => {
  holds(
    fc.property(arbitraryRecord, arbitraryRecord, fc.boolean(), (event, link, structuredId) => {
      const answer = ReadResp.deserializeBinary(encodeEvent({ event, link }, structuredId)).getEvent();
      expect(answer?.getEvent()?.getStreamRevision()).toBe(String(event.revision));
      expect(answer?.getEvent()?.getId()?.hasStructured()).toBe(structuredId);
      expect(answer?.getLink()?.getStreamRevision()).toBe(String(link.revision));
      expect(answer?.getCommitPosition()).toBe(String(link.position));
      expect(originalRecord({ event, link })).toBe(link);
    }),
  );
});

it('sends a link that leads nowhere alone', () => {
  holds(
    fc.property(arbitraryRecord, (link) => {
      const answer = ReadResp.deserializeBinary(encodeEvent({ event: undefined, link }, false)).getEvent();
      expect(answer?.hasEvent()).toBe(false);
      expect(answer?.getLink()?.getId()?.getString()).toBe(uuidText(link.bytes.subarray(8, 24)));
    }),
  );
});
