/**
 * A retried append must have one effect: a lost answer may never sell a seat twice. With an explicit revision this is
 * promised; with ANY a real server only tries, so nothing here depends on it.
 */
import {
  type EventData,
  NO_STREAM,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { eventOf, failureOf, numberedEvents, readWhole, uniqueName } from '../support/streams.ts';

const store = useEventstore();

describe('Appending again what is there already', () => {
  let stream: string;
  let events: EventData[];
  const at = (from: number, to: number): EventData[] => events.slice(from, to);

  beforeEach(async () => {
    stream = uniqueName();
    events = numberedEvents(6);
  });

  it('with the same explicit revision succeeds with the first revision and position', async () => {
    await store.client.appendToStream(stream, at(0, 1));
    const first = await store.client.appendToStream(stream, at(1, 3), { expectedRevision: 0n });
    const again = await store.client.appendToStream(stream, at(1, 3), { expectedRevision: 0n });
    expect(again).toEqual(first);
    expect(await readWhole(store.client, stream)).toHaveLength(3);
  });

  it('with NO_STREAM succeeds with the first revision and position', async () => {
    const first = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    const again = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    expect(again).toEqual(first);
    expect(await readWhole(store.client, stream)).toHaveLength(2);
  });

  it('after others have appended more still succeeds with the first revision and position', async () => {
    const first = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    await store.client.appendToStream(stream, at(2, 6), { expectedRevision: 1n });
    const again = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    expect(again).toEqual(first);
    expect(await readWhole(store.client, stream)).toHaveLength(6);
  });

  it('in part, from the right place, succeeds with the revision of the last event given', async () => {
    await store.client.appendToStream(stream, at(0, 6), { expectedRevision: NO_STREAM });
    const again = await store.client.appendToStream(stream, at(2, 4), { expectedRevision: 1n });
    expect(again.nextExpectedRevision).toBe(3n);
    const stored = (await readWhole(store.client, stream)).map(eventOf);
    expect(again.position).toEqual(stored[3]?.position);
    expect(stored).toHaveLength(6);
  });

  it('with one more event after those that match is refused', async () => {
    await store.client.appendToStream(stream, at(0, 3), { expectedRevision: NO_STREAM });
    const error = await failureOf(
      store.client.appendToStream(stream, at(0, 4), { expectedRevision: NO_STREAM }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(await readWhole(store.client, stream)).toHaveLength(3);
  });

  it('with another event between those that match is refused', async () => {
    await store.client.appendToStream(stream, at(0, 3), { expectedRevision: NO_STREAM });
    const mixed = [...at(0, 1), ...numberedEvents(1), ...at(2, 3)];
    const error = await failureOf(
      store.client.appendToStream(stream, mixed, { expectedRevision: NO_STREAM }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(await readWhole(store.client, stream)).toHaveLength(3);
  });

  it('with another first event is refused', async () => {
    await store.client.appendToStream(stream, at(0, 3), { expectedRevision: NO_STREAM });
    const mixed = [...numberedEvents(1), ...at(1, 3)];
    const error = await failureOf(
      store.client.appendToStream(stream, mixed, { expectedRevision: NO_STREAM }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
  });

  it('from the wrong place is refused', async () => {
    await store.client.appendToStream(stream, at(0, 4), { expectedRevision: NO_STREAM });
    const error = await failureOf(store.client.appendToStream(stream, at(1, 3), { expectedRevision: 1n }));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ expectedVersion: 1n, actualVersion: 3n });
  });

  it('at the current revision appends the same ids a second time', async () => {
    await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    const again = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: 1n });
    expect(again.nextExpectedRevision).toBe(3n);
    expect(await readWhole(store.client, stream)).toHaveLength(4);
  });

  it('to another stream is a new append', async () => {
    const other = uniqueName();
    await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    const result = await store.client.appendToStream(other, at(0, 2), { expectedRevision: NO_STREAM });
    expect(result.nextExpectedRevision).toBe(1n);
    expect(await readWhole(store.client, other)).toHaveLength(2);
  });

  it('with NO_STREAM to a soft-deleted stream goes on after the deleted events', async () => {
    await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    await store.client.deleteStream(stream);
    const result = await store.client.appendToStream(stream, at(3, 5), { expectedRevision: NO_STREAM });
    expect(result.nextExpectedRevision).toBe(3n);
    expect(await readWhole(store.client, stream)).toHaveLength(2);
  });

  it('with NO_STREAM after the stream was soft-deleted still has its first answer and no effect', async () => {
    const first = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    await store.client.deleteStream(stream);
    const again = await store.client.appendToStream(stream, at(0, 2), { expectedRevision: NO_STREAM });
    expect(again).toEqual(first);
    expect(await failureOf(readWhole(store.client, stream))).toBeInstanceOf(StreamNotFoundError);
  });

  it('beyond what truncation hides still succeeds with the first revision and position', async () => {
    const first = await store.client.appendToStream(stream, at(0, 3), { expectedRevision: NO_STREAM });
    await store.client.setStreamMetadata(stream, { truncateBefore: 3 });
    const again = await store.client.appendToStream(stream, at(0, 3), { expectedRevision: NO_STREAM });
    expect(again).toEqual(first);
    expect(await readWhole(store.client, stream)).toEqual([]);
  });
});
