/**
 * What an append stores and what it answers: revisions, positions, ids, order, content. Refusals have their own files.
 */
import { ANY, binaryEvent, FORWARDS, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  collect,
  eventOf,
  numberedEvents,
  numbersOf,
  positionOf,
  range,
  readWhole,
  revisionsOf,
  uniqueId,
  uniqueName,
} from '../support/streams.ts';

const store = useEventstore();

describe('An append', () => {
  it('to a new stream starts at revision 0 and answers the revision of its last event', async () => {
    const stream = uniqueName();
    const result = await store.client.appendToStream(stream, numberedEvents(3), {
      expectedRevision: NO_STREAM,
    });
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(revisionsOf(await readWhole(store.client, stream))).toEqual([0n, 1n, 2n]);
  });

  it('goes on where the one before it ended', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(2));
    const result = await store.client.appendToStream(stream, numberedEvents(2, 'Numbered', 2), {
      expectedRevision: 1n,
    });
    expect(result.nextExpectedRevision).toBe(3n);
    expect(numbersOf(await readWhole(store.client, stream))).toEqual(range(0, 4));
  });

  it('answers the position of its last event, with commit and prepare alike', async () => {
    const stream = uniqueName();
    const result = await store.client.appendToStream(stream, numberedEvents(3));
    const position = positionOf(result);
    expect(position.commit).toBe(position.prepare);
    const events = await readWhole(store.client, stream);
    expect(events.map((entry) => positionOf(eventOf(entry))).at(-1)).toEqual(position);
  });

  it('gives every event a position of its own, rising in the order of the appends', async () => {
    const stream = uniqueName();
    const first = await store.client.appendToStream(stream, numberedEvents(3));
    const second = await store.client.appendToStream(stream, numberedEvents(3));
    const commits = (await readWhole(store.client, stream)).map((entry) => positionOf(eventOf(entry)).commit);
    const rising = commits.every((commit, index) => index === 0 || commit > (commits[index - 1] ?? commit));
    expect(rising, `positions ${commits.join(', ')}`).toBe(true);
    expect(positionOf(second).commit).toBeGreaterThan(positionOf(first).commit);
  });

  it('can be read at the position that it was answered with as soon as it is acknowledged', async () => {
    const stream = uniqueName();
    const result = await store.client.appendToStream(stream, numberedEvents(1));
    const found = await collect(
      store.client.readAll({ fromPosition: positionOf(result), maxCount: 1, direction: FORWARDS }),
    );
    expect(found.map((entry) => eventOf(entry).streamId)).toEqual([stream]);
  });

  it('keeps id, type, data and metadata of a JSON event', async () => {
    const stream = uniqueName();
    const id = uniqueId();
    const data = { text: 'fünf ☂ 座位', list: [1, null, true], nested: { deep: 'value' } };
    await store.client.appendToStream(
      stream,
      jsonEvent({ id, type: 'Kept', data, metadata: { $correlationId: 'c-1', actor: '测试' } }),
    );
    const [entry] = await readWhole(store.client, stream);
    expect(entry?.event).toMatchObject({
      streamId: stream,
      id,
      type: 'Kept',
      isJson: true,
      data,
      metadata: { $correlationId: 'c-1', actor: '测试' },
    });
  });

  it('keeps every byte of binary data and of binary metadata', async () => {
    const stream = uniqueName();
    const data = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
    const metadata = Uint8Array.of(0, 255, 128, 10, 13, 0);
    await store.client.appendToStream(stream, binaryEvent({ type: 'Binary', data, metadata }));
    const [entry] = await readWhole(store.client, stream);
    expect(entry?.event?.isJson).toBe(false);
    expect(Buffer.from(entry?.event?.data as Uint8Array).equals(data)).toBe(true);
    expect(Buffer.from(entry?.event?.metadata as Uint8Array).equals(metadata)).toBe(true);
  });

  it('keeps an event without data and without metadata', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, binaryEvent({ type: 'Empty', data: new Uint8Array() }));
    const [entry] = await readWhole(store.client, stream);
    expect(entry?.event?.data).toHaveLength(0);
    expect(entry?.event?.metadata).toBeUndefined();
  });

  it.each([
    ['Chinese', '场次-一号厅'],
    ['emoji with joiners', '👩‍👩‍👧‍👦 🎟️'],
    ['combining marks', 'ด้้้้้็็็็็้้้้้'],
    ['spaces, slashes and quotes', `a b/c\\d"e'f?g#h%i`],
    ['several dashes and dots', 'a-b-c.d@e:f'],
  ])('works with a stream name and an event type of %s', async (_kind, text) => {
    const stream = `${uniqueName('Unicode')}-${text}`;
    await store.client.appendToStream(stream, jsonEvent({ type: text, data: { text } }));
    const [entry] = await readWhole(store.client, stream);
    expect(entry?.event).toMatchObject({ streamId: stream, type: text, data: { text } });
  });

  it('tells apart stream names that differ only in case, length or normal form', async () => {
    const base = uniqueName();
    const names = [`${base}-é`, `${base}-e\u0301`, `${base}-É`, `${base}-`, base];
    for (const [index, name] of names.entries()) {
      await store.client.appendToStream(name, numberedEvents(1, 'Numbered', index), {
        expectedRevision: NO_STREAM,
      });
    }
    const found = await Promise.all(names.map((name) => readWhole(store.client, name)));
    expect(found.map(numbersOf)).toEqual(names.map((_, index) => [index]));
  });

  it('takes a stream name of 1000 characters', async () => {
    const stream = uniqueName().padEnd(1_000, 'x');
    await store.client.appendToStream(stream, numberedEvents(1));
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });

  it('with ANY in many calls at once takes a place in one unbroken row of revisions', async () => {
    const stream = uniqueName();
    const results = await Promise.all(
      range(0, 200).map((number) =>
        store.client.appendToStream(stream, numberedEvents(1, 'Numbered', number), { expectedRevision: ANY }),
      ),
    );
    const revisions = results.map((result) => Number(result.nextExpectedRevision));
    expect(revisions.toSorted((a, b) => a - b)).toEqual(range(0, 200));
    const numbers = numbersOf(await readWhole(store.client, stream));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(range(0, 200));
  });
});
