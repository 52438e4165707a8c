/**
 * Requests that no good client sends. Each must be answered exactly once, by its correlation id, with an error that
 * the client can unpack, and must not disturb the appends beside it.
 */

import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { chunk, errorTypeOf, openBatchAppend } from '../support/raw-batch-append.ts';
import { rawStreams } from '../support/raw-streams.ts';
import { numberedEvents, readWhole, uniqueId, uniqueName } from '../support/streams.ts';

const store = useEventstore();

const without = (request: BatchAppendReq, change: (request: BatchAppendReq) => unknown): BatchAppendReq => {
  change(request);
  return request;
};

const invalid: readonly (readonly [string, (correlationId: string, stream: string) => BatchAppendReq])[] = [
  ['without options', (correlationId) => chunk({ correlationId })],
  [
    'without a stream',
    (correlationId, stream) =>
      without(chunk({ correlationId, stream }), (request) => request.getOptions()?.clearStreamIdentifier()),
  ],
  ['with an empty stream name', (correlationId) => chunk({ correlationId, stream: '' })],
  [
    'without an expected revision',
    (correlationId, stream) => chunk({ correlationId, stream, expected: 'none' }),
  ],
  [
    'with an event id that is no UUID',
    (correlationId, stream) => chunk({ correlationId, stream, eventId: 'not-a-uuid' }),
  ],
  [
    'with an event without a type',
    (correlationId, stream) =>
      without(chunk({ correlationId, stream }), (request) =>
        request.getProposedMessagesList()[0]?.getMetadataMap().del('type'),
      ),
  ],
];

describe('A batched append', () => {
  it.each(invalid)('%s is answered once, as an error, and stores nothing', async (_what, request) => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    const [bad, good] = [uniqueId(), uniqueId()];
    batch.write(request(bad, stream));
    batch.write(chunk({ correlationId: good, stream: uniqueName() }));
    await batch.answered(2);
    const all = await batch.end();
    expect(all).toHaveLength(2);
    expect(batch.answers.get(good)?.[0]?.hasSuccess()).toBe(true);
    const [answer] = batch.answers.get(bad) ?? [];
    expect(errorTypeOf(answer)).toMatch(/^event_store\.client\./);
    expect(answer?.hasStreamIdentifier()).toBe(true);
    await store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: 'no_stream' });
  });

  it('of no events is answered once and stores nothing', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(2));
    batch.write(chunk({ correlationId: uniqueId(), stream, events: 0 }));
    await batch.answered(1);
    expect(await batch.end()).toHaveLength(1);
    expect(await readWhole(store.client, stream)).toHaveLength(2);
  });

  it('without an end is not kept for ever: it is answered with Timeout at its deadline', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const correlationId = uniqueId();
    batch.write(chunk({ correlationId, stream: uniqueName(), final: false, expired: true }));
    await batch.answered(1);
    expect(batch.answers.get(correlationId)?.map(errorTypeOf)).toEqual(['event_store.client.Timeout']);
    await batch.end();
  });
});
