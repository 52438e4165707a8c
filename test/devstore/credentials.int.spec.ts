/**
 * The one user of the embedded server. The client sends no credentials without TLS, so they are sent directly.
 */
import { AccessDeniedError, convertToCommandError } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { chunk, openBatchAppend } from '../support/raw-batch-append.ts';
import {
  appendMessage,
  appendOptions,
  basicAuth,
  classicAppend,
  rawRead,
  rawStreams,
  readStreamOptions,
} from '../support/raw-streams.ts';
import { failureOf, numberedEvents, readWhole, uniqueId, uniqueName } from '../support/streams.ts';

const store = useEventstore();
const wrong = [
  ['a wrong password', basicAuth('admin', 'hunter2')],
  ['an unknown user', basicAuth('AzureDiamond', 'changeit')],
  ['an empty password', basicAuth('admin', '')],
] as const;

describe('The credentials admin:changeit', () => {
  it('are accepted by append and read', async () => {
    const stream = uniqueName();
    const stub = rawStreams(store.url);
    const admin = basicAuth('admin', 'changeit');
    const answer = await classicAppend(stub, [appendOptions(stream, 'no_stream'), appendMessage()], admin);
    expect(answer.hasSuccess()).toBe(true);
    const responses = await rawRead(stub, readStreamOptions(stream), admin);
    expect(responses.filter((response) => response.hasEvent())).toHaveLength(1);
  });

  it('are accepted by a batched append', async () => {
    const batch = openBatchAppend(rawStreams(store.url), basicAuth('admin', 'changeit'));
    batch.write(chunk({ correlationId: uniqueId(), stream: uniqueName() }));
    await batch.answered(1);
    expect((await batch.end())[0]?.hasSuccess()).toBe(true);
  });
});

describe.each(wrong)('With %s', (_what, metadata) => {
  it('an append is refused as access denied and stores nothing', async () => {
    const stream = uniqueName();
    const requests = [appendOptions(stream, 'any'), appendMessage()];
    const error = await failureOf(classicAppend(rawStreams(store.url), requests, metadata));
    expect(convertToCommandError(error)).toBeInstanceOf(AccessDeniedError);
    await store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: 'no_stream' });
  });

  it('a read is refused as access denied and shows nothing', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    const error = await failureOf(rawRead(rawStreams(store.url), readStreamOptions(stream), metadata));
    expect(convertToCommandError(error)).toBeInstanceOf(AccessDeniedError);
  });

  it('a batched append is refused as access denied and stores nothing', async () => {
    const stream = uniqueName();
    const batch = openBatchAppend(rawStreams(store.url), metadata);
    batch.write(chunk({ correlationId: uniqueId(), stream }));
    const error = await failureOf(batch.answered(1));
    expect(convertToCommandError(error)).toBeInstanceOf(AccessDeniedError);
    await store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: 'no_stream' });
  });
});

describe('No credentials', () => {
  it('are enough', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });
});
