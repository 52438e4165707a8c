/**
 * The tombstone: a stream that is gone for ever, and the event that says so.
 */
import {
  BACKWARDS,
  END,
  NO_STREAM,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  collect,
  eventOf,
  failureOf,
  numberedEvents,
  positionOf,
  readWhole,
  uniqueName,
} from '../support/streams.ts';

const MAX_REVISION = 2n ** 63n - 1n;
const store = useEventstore();

describe('A tombstoned stream', () => {
  it('refuses reads, appends and another tombstone with StreamDeletedError', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    await store.client.tombstoneStream(stream);
    const attempts = [
      readWhole(store.client, stream),
      readWhole(store.client, stream, { direction: BACKWARDS, fromRevision: END }),
      store.client.appendToStream(stream, numberedEvents(1)),
      store.client.tombstoneStream(stream),
    ];
    for (const error of await Promise.all(attempts.map(failureOf))) {
      expect(error).toBeInstanceOf(StreamDeletedError);
      expect(error).toMatchObject({ streamName: stream });
    }
  });

  it('leaves $streamDeleted with the highest revision in $all, at the position answered', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    const fromPosition = positionOf(await store.client.tombstoneStream(stream));
    const [entry] = await collect(store.client.readAll({ fromPosition, maxCount: 1 }));
    expect(entry?.event).toMatchObject({ type: '$streamDeleted', streamId: stream, revision: MAX_REVISION });
  });

  it('keeps its events in $all', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(2));
    const [first] = (await readWhole(store.client, stream)).map(eventOf);
    await store.client.tombstoneStream(stream);
    const fromPosition = positionOf({ position: first?.position });
    const all = await collect(store.client.readAll({ fromPosition, maxCount: 2 }));
    expect(all.map((entry) => eventOf(entry).revision)).toEqual([0n, 1n]);
  });
});

describe('Tombstoning', () => {
  it('with the right expected revision succeeds', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    await store.client.tombstoneStream(stream, { expectedRevision: 2n });
    expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamDeletedError);
  });

  it.each([0n, 9n, NO_STREAM] as const)(
    'with the wrong expected revision %s is refused',
    async (expected) => {
      const stream = uniqueName();
      await store.client.appendToStream(stream, numberedEvents(3));
      const error = await failureOf(store.client.tombstoneStream(stream, { expectedRevision: expected }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, actualVersion: 2n });
      expect(await readWhole(store.client, stream)).toHaveLength(3);
    },
  );

  it('a stream that never was succeeds when NO_STREAM is expected', async () => {
    const stream = uniqueName();
    await store.client.tombstoneStream(stream, { expectedRevision: NO_STREAM });
    const error = await failureOf(store.client.appendToStream(stream, numberedEvents(1)));
    expect(error).toBeInstanceOf(StreamDeletedError);
  });

  it('a soft-deleted stream succeeds', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    await store.client.deleteStream(stream);
    await store.client.tombstoneStream(stream);
    expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamDeletedError);
  });
});
