/**
 * The trailing metadata that the client builds its typed errors from; where an entry is missing the client itself
 * throws. These are the rows of the public contract for streams.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  rawRead,
  rawStreams,
  readStreamOptions,
  refusalOf,
  streamIdentifier,
} from '../support/raw-streams.ts';
import { numberedEvents, uniqueName } from '../support/streams.ts';

type Call = 'delete' | 'tombstone';
const store = useEventstore();

function remove(call: Call, stream: string, expected: bigint | 'no_stream' | 'any'): Promise<unknown> {
  const stub = rawStreams(store.url);
  const options = new streams.DeleteReq.Options().setStreamIdentifier(streamIdentifier(stream));
  if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else if (expected === 'any') options.setAny(new shared.Empty());
  else options.setRevision(`${expected}`);
  return new Promise((done, fail) => {
    const answer = (error: Error | null): void => (error ? fail(error) : done(undefined));
    if (call === 'delete') stub.delete(new streams.DeleteReq().setOptions(options), answer);
    else stub.tombstone(streams.TombstoneReq.deserializeBinary(asRequest(options)), answer);
  });
}

/** Delete and tombstone requests have the same shape on the wire. */
const asRequest = (options: InstanceType<typeof streams.DeleteReq.Options>): Uint8Array =>
  new streams.DeleteReq().setOptions(options).serializeBinary();

describe('The trailers', () => {
  it.each(['delete', 'tombstone'] as const)(
    'of a %s with a wrong revision say all three versions',
    async (call) => {
      const stream = uniqueName();
      await store.client.appendToStream(stream, numberedEvents(3));
      expect(await refusalOf(remove(call, stream, 1n))).toMatchObject({
        code: status.FAILED_PRECONDITION,
        trailers: {
          exception: 'wrong-expected-version',
          'stream-name': stream,
          'expected-version': '1',
          'actual-version': '2',
        },
      });
    },
  );

  it.each(['delete', 'tombstone'] as const)(
    'of a %s of a tombstoned stream name the stream',
    async (call) => {
      const stream = uniqueName();
      await store.client.appendToStream(stream, numberedEvents(1));
      await store.client.tombstoneStream(stream);
      expect(await refusalOf(remove(call, stream, 'any'))).toMatchObject({
        code: status.FAILED_PRECONDITION,
        trailers: { exception: 'stream-deleted', 'stream-name': stream },
      });
    },
  );

  it('of a read of a tombstoned stream name the stream', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    await store.client.tombstoneStream(stream);
    expect(await refusalOf(rawRead(rawStreams(store.url), readStreamOptions(stream)))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      trailers: { exception: 'stream-deleted', 'stream-name': stream },
    });
  });

  it('are not how a missing stream is told: that is a response of its own', async () => {
    const stream = uniqueName();
    const responses = await rawRead(rawStreams(store.url), readStreamOptions(stream));
    expect(responses).toHaveLength(1);
    const name = responses[0]?.getStreamNotFound()?.getStreamIdentifier()?.getStreamName_asU8() ?? [];
    expect(Buffer.from(name).toString('utf8')).toBe(stream);
  });
});
