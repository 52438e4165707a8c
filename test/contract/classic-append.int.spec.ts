/**
 * The client-streaming Append, which the client uses for appends with credentials of their own and with servers that
 * know no BatchAppend. Without TLS the client cannot be made to take this way, so it is spoken directly.
 */
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  appendMessage,
  appendOptions,
  classicAppend,
  rawStreams,
  refusalOf,
} from '../support/raw-streams.ts';
import { numberedEvents, readWhole, revisionsOf, uniqueId, uniqueName } from '../support/streams.ts';

const store = useEventstore();

describe('The classic append', () => {
  it('stores its events as one append and answers revision and position of the last', async () => {
    const stream = uniqueName();
    const answer = await classicAppend(rawStreams(store.url), [
      appendOptions(stream, 'no_stream'),
      ...Array.from({ length: 5 }, () => appendMessage()),
    ]);
    expect(answer.getSuccess()?.getCurrentRevision()).toBe('4');
    const stored = await readWhole(store.client, stream);
    expect(revisionsOf(stored)).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(answer.getSuccess()?.getPosition()?.getCommitPosition()).toBe(
      `${stored.at(-1)?.event?.position?.commit}`,
    );
  });

  it('answers a wrong revision as a response, with what was expected and what is', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(2));
    const stub = rawStreams(store.url);
    const wrong = await classicAppend(stub, [appendOptions(stream, 5n), appendMessage()]);
    expect(wrong.getWrongExpectedVersion()?.getExpectedRevision()).toBe('5');
    expect(wrong.getWrongExpectedVersion()?.getCurrentRevision()).toBe('1');
    const exists = await classicAppend(stub, [appendOptions(stream, 'no_stream'), appendMessage()]);
    expect(exists.getWrongExpectedVersion()?.hasExpectedNoStream()).toBe(true);
    expect(await readWhole(store.client, stream)).toHaveLength(2);
  });

  it('answers a wrong revision on a missing stream with "no stream"', async () => {
    const answer = await classicAppend(rawStreams(store.url), [
      appendOptions(uniqueName(), 'stream_exists'),
      appendMessage(),
    ]);
    expect(answer.getWrongExpectedVersion()?.hasExpectedStreamExists()).toBe(true);
    expect(answer.getWrongExpectedVersion()?.hasCurrentRevision()).toBe(false);
  });

  it('is idempotent like the batched one, and the two know each other', async () => {
    const stream = uniqueName();
    const event = { id: uniqueId() };
    const stub = rawStreams(store.url);
    const requests = [appendOptions(stream, 'no_stream'), appendMessage(event)];
    const first = await classicAppend(stub, requests);
    const again = await classicAppend(stub, requests);
    expect(again.getSuccess()?.toObject()).toEqual(first.getSuccess()?.toObject());
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });

  it('to a tombstoned stream fails with the trailers of stream-deleted', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    await store.client.tombstoneStream(stream);
    const refusal = await refusalOf(
      classicAppend(rawStreams(store.url), [appendOptions(stream, 'any'), appendMessage()]),
    );
    expect(refusal).toMatchObject({
      code: 9,
      trailers: { exception: 'stream-deleted', 'stream-name': stream },
    });
  });

  it('over 1 MiB fails with the trailers of maximum-append-size-exceeded and stores nothing', async () => {
    const stream = uniqueName();
    const half = appendMessage({ data: new Uint8Array(524_288) });
    const refusal = await refusalOf(
      classicAppend(rawStreams(store.url), [appendOptions(stream, 'any'), half, half]),
    );
    expect(refusal).toMatchObject({
      code: 3,
      trailers: { exception: 'maximum-append-size-exceeded', 'maximum-append-size': '1048576' },
    });
    await store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: 'no_stream' });
  });
});
