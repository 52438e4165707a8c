/**
 * Stream metadata and what it hides: $maxCount, $maxAge and $tb shorten reads of the stream and never touch $all.
 */
import { BACKWARDS, END, jsonEvent, NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client';
import { describe, expect, it, vi } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { follow } from '../support/follow.ts';
import {
  collect,
  eventOf,
  failureOf,
  numberedEvents,
  numbersOf,
  positionOf,
  range,
  readWhole,
  uniqueName,
} from '../support/streams.ts';

const store = useEventstore();

async function streamOf(count: number): Promise<string> {
  const stream = uniqueName();
  await store.client.appendToStream(stream, numberedEvents(count), { expectedRevision: NO_STREAM });
  return stream;
}

const read = async (stream: string, options: Parameters<typeof readWhole>[2] = {}): Promise<number[]> =>
  numbersOf(await readWhole(store.client, stream, options));

describe('Stream metadata', () => {
  it('comes back as it was set, with access rights and own properties', async () => {
    const stream = uniqueName();
    const metadata = {
      maxCount: 100,
      maxAge: 3_600,
      truncateBefore: 2,
      cacheControl: 15,
      acl: { readRoles: ['$admins'], writeRoles: ['$all'], metaWriteRoles: ['$admins'] },
      owner: '票务',
    };
    await store.client.setStreamMetadata(stream, metadata);
    expect(await store.client.getStreamMetadata(stream)).toMatchObject({ streamName: stream, metadata });
  });

  it('is not there for a stream that has none', async () => {
    const stream = await streamOf(1);
    expect(await store.client.getStreamMetadata(stream)).toEqual({ streamName: stream });
  });

  it('is an event of type $metadata in a stream of its own, with expected revisions', async () => {
    const stream = uniqueName();
    const first = await store.client.setStreamMetadata(
      stream,
      { owner: 'a' },
      { expectedRevision: NO_STREAM },
    );
    expect(first.nextExpectedRevision).toBe(0n);
    await store.client.setStreamMetadata(stream, { owner: 'b' }, { expectedRevision: 0n });
    const stale = store.client.setStreamMetadata(stream, { owner: 'c' }, { expectedRevision: 0n });
    expect(await failureOf(stale)).toBeInstanceOf(WrongExpectedVersionError);
    const newest = await readWhole(store.client, `$$${stream}`, { direction: BACKWARDS, fromRevision: END });
    expect(newest.map((entry) => eventOf(entry).type)).toContain('$metadata');
    expect(newest[0]?.event?.data).toEqual({ owner: 'b' });
  });
});

describe('$maxCount', () => {
  it('shows the newest events only, in both directions, and moves on with appends', async () => {
    const stream = await streamOf(10);
    await store.client.setStreamMetadata(stream, { maxCount: 4 });
    expect(await read(stream)).toEqual([6, 7, 8, 9]);
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([9, 8, 7, 6]);
    expect(await read(stream, { fromRevision: 2n })).toEqual([6, 7, 8, 9]);
    await store.client.appendToStream(stream, numberedEvents(2, 'Numbered', 10), { expectedRevision: 9n });
    expect(await read(stream)).toEqual([8, 9, 10, 11]);
  });

  it('counts from the first event shown when a read has a limit', async () => {
    const stream = await streamOf(10);
    await store.client.setStreamMetadata(stream, { maxCount: 4 });
    expect(await read(stream, { maxCount: 2 })).toEqual([6, 7]);
  });

  it('given up again shows everything again', async () => {
    const stream = await streamOf(10);
    await store.client.setStreamMetadata(stream, { maxCount: 1 });
    expect(await read(stream)).toEqual([9]);
    await store.client.setStreamMetadata(stream, {});
    expect((await read(stream)).at(-1)).toBe(9);
  });
});

describe('$tb', () => {
  it('hides the events before it', async () => {
    const stream = await streamOf(10);
    await store.client.setStreamMetadata(stream, { truncateBefore: 7 });
    expect(await read(stream)).toEqual([7, 8, 9]);
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([9, 8, 7]);
  });

  it('beyond the end leaves a stream that reads as empty and not as missing', async () => {
    const stream = await streamOf(3);
    await store.client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await read(stream)).toEqual([]);
    await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', 3), { expectedRevision: 2n });
    expect(await read(stream)).toEqual([3]);
  });

  it('together with $maxCount hides what either of them hides', async () => {
    const stream = await streamOf(10);
    await store.client.setStreamMetadata(stream, { truncateBefore: 3, maxCount: 4 });
    expect(await read(stream)).toEqual([6, 7, 8, 9]);
    await store.client.setStreamMetadata(stream, { truncateBefore: 8, maxCount: 4 });
    expect(await read(stream)).toEqual([8, 9]);
  });

  it('is where a subscription to the stream begins', async () => {
    const stream = await streamOf(10);
    await store.client.setStreamMetadata(stream, { truncateBefore: 7 });
    const follower = follow(store.client.subscribeToStream(stream));
    await follower.caughtUp();
    await follower.count(3);
    expect(numbersOf(follower.events)).toEqual([7, 8, 9]);
  });
});

describe('$maxAge', () => {
  it('hides events that are older', async () => {
    const stream = await streamOf(3);
    await store.client.setStreamMetadata(stream, { maxAge: 1 });
    await vi.waitFor(async () => expect(await read(stream)).toEqual([]), { timeout: 10_000, interval: 100 });
    await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', 3), { expectedRevision: 2n });
    expect(await read(stream)).toEqual([3]);
  });

  it('hides nothing that is younger', async () => {
    const stream = await streamOf(3);
    await store.client.setStreamMetadata(stream, { maxAge: 3_600 });
    expect(await read(stream)).toEqual([0, 1, 2]);
  });
});

describe('All three', () => {
  it('leave $all as it is', async () => {
    const stream = await streamOf(10);
    const [first] = (await readWhole(store.client, stream)).map(eventOf);
    await store.client.setStreamMetadata(stream, { maxCount: 1, maxAge: 3_600, truncateBefore: 9 });
    expect(await read(stream)).toEqual([9]);
    const fromPosition = positionOf({ position: first?.position });
    const all = await collect(store.client.readAll({ fromPosition, maxCount: 10 }));
    expect(numbersOf(all)).toEqual(range(0, 10));
  });

  it('are taken from the newest $metadata event, however it was written', async () => {
    const stream = await streamOf(5);
    await store.client.appendToStream(`$$${stream}`, jsonEvent({ type: '$metadata', data: { $tb: 1 } }));
    await store.client.appendToStream(`$$${stream}`, jsonEvent({ type: '$metadata', data: { $tb: 4 } }));
    expect(await read(stream)).toEqual([4]);
  });
});
