/**
 * Reads and classic appends that make no sense are refused with INVALID_ARGUMENT and a message, and cost the server
 * nothing else: it goes on serving.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  appendMessage,
  appendOptions,
  classicAppend,
  rawRead,
  rawStreams,
  readOptions,
  readStreamOptions,
  refusalOf,
} from '../support/raw-streams.ts';
import { numberedEvents, readWhole, uniqueName } from '../support/streams.ts';

const store = useEventstore();
const fromStart = (): ReadReq.Options.AllOptions =>
  new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty());

function filteredBy(regex: string): ReadReq.Options {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression().setRegex(regex);
  const filter = new streams.ReadReq.Options.FilterOptions()
    .setEventType(expression)
    .setCount(new shared.Empty())
    .setCheckpointintervalmultiplier(1);
  return readOptions().setAll(fromStart()).setFilter(filter);
}

afterEach(async () => {
  const stream = uniqueName();
  await store.client.appendToStream(stream, numberedEvents(1));
  expect(await readWhole(store.client, stream)).toHaveLength(1);
});

describe('Refused with INVALID_ARGUMENT is', () => {
  it.each([
    ['of nothing', () => readOptions()],
    ['of a stream without a name', () => readStreamOptions('')],
    ['with a filter that is no regular expression', () => filteredBy('(')],
  ])('a read %s', async (_what, options) => {
    const refusal = await refusalOf(rawRead(rawStreams(store.url), options()));
    expect(refusal.code).toBe(status.INVALID_ARGUMENT);
  });

  it('a backwards subscription', async () => {
    const options = readOptions()
      .setAll(fromStart())
      .setReadDirection(1)
      .setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
    const refusal = await refusalOf(rawRead(rawStreams(store.url), options));
    expect(refusal.code).toBe(status.INVALID_ARGUMENT);
  });

  it.each([
    ['without options', () => [appendMessage()]],
    ['without a stream name', () => [appendOptions('', 'any'), appendMessage()]],
    [
      'with an id that is no UUID',
      () => [appendOptions(uniqueName(), 'any'), appendMessage({ id: 'nobody' })],
    ],
    ['with an event without a type', () => [appendOptions(uniqueName(), 'any'), appendMessage({ type: '' })]],
  ])('a classic append %s', async (_what, requests) => {
    const refusal = await refusalOf(classicAppend(rawStreams(store.url), requests()));
    expect(refusal.code).toBe(status.INVALID_ARGUMENT);
  });
});
