/**
 * The soft delete: a stream that reads as missing, keeps its numbering, and may go on.
 */
import {
  NO_STREAM,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  collect,
  eventOf,
  failureOf,
  numberedEvents,
  numbersOf,
  positionOf,
  readWhole,
  revisionsOf,
  uniqueName,
} from '../support/streams.ts';

const store = useEventstore();

describe('A deleted stream', () => {
  let stream: string;

  beforeEach(async () => {
    stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
  });

  it('reads as missing, and the delete has a position', async () => {
    const result = await store.client.deleteStream(stream);
    expect(positionOf(result).commit).toBeGreaterThan(0n);
    expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamNotFoundError);
    const backwards = readWhole(store.client, stream, { direction: 'backwards', fromRevision: 'end' });
    expect(await failureOf(backwards)).toBeInstanceOf(StreamNotFoundError);
  });

  it('still has its events in $all', async () => {
    const [first] = (await readWhole(store.client, stream)).map(eventOf);
    await store.client.deleteStream(stream);
    const all = await collect(
      store.client.readAll({ fromPosition: positionOf({ position: first?.position }), maxCount: 3 }),
    );
    expect(all.map((entry) => eventOf(entry).streamId)).toEqual([stream, stream, stream]);
  });

  it('goes on with the next revision when it is appended to, and shows only what is new', async () => {
    await store.client.deleteStream(stream);
    const result = await store.client.appendToStream(stream, numberedEvents(2, 'Numbered', 3));
    expect(result.nextExpectedRevision).toBe(4n);
    const read = await readWhole(store.client, stream);
    expect(revisionsOf(read)).toEqual([3n, 4n]);
    expect(numbersOf(read)).toEqual([3, 4]);
  });

  it('can be deleted and revived again and again', async () => {
    for (let round = 1; round <= 3; round += 1) {
      await store.client.deleteStream(stream);
      expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamNotFoundError);
      await store.client.appendToStream(stream, numberedEvents(1));
      expect(revisionsOf(await readWhole(store.client, stream))).toEqual([BigInt(2 + round)]);
    }
  });

  it('keeps the rest of its metadata', async () => {
    const kept = uniqueName();
    await store.client.appendToStream(kept, numberedEvents(1));
    await store.client.setStreamMetadata(kept, { owner: 'box office', cacheControl: 15 });
    await store.client.deleteStream(kept);
    await store.client.appendToStream(kept, numberedEvents(1));
    const { metadata } = await store.client.getStreamMetadata(kept);
    expect(metadata).toMatchObject({ owner: 'box office', cacheControl: 15, truncateBefore: 1 });
  });
});

describe('Deleting', () => {
  it('with the right expected revision succeeds', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    await store.client.deleteStream(stream, { expectedRevision: 2n });
    expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamNotFoundError);
  });

  it.each([0n, 7n, NO_STREAM] as const)(
    'with the wrong expected revision %s is refused',
    async (expected) => {
      const stream = uniqueName();
      await store.client.appendToStream(stream, numberedEvents(3));
      const error = await failureOf(store.client.deleteStream(stream, { expectedRevision: expected }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({
        streamName: stream,
        expectedVersion: expected === NO_STREAM ? -1n : expected,
        actualVersion: 2n,
      });
      expect(await readWhole(store.client, stream)).toHaveLength(3);
    },
  );

  it('a stream that never was is refused', async () => {
    const error = await failureOf(store.client.deleteStream(uniqueName()));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
  });

  it('a tombstoned stream is refused', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    await store.client.tombstoneStream(stream);
    expect(await failureOf(store.client.deleteStream(stream))).toBeInstanceOf(StreamDeletedError);
  });
});
