/**
 * The limit of one append is 1 MiB of data, metadata and type names (two bytes per character). Seatlog's group commit
 * relies on the limit being exact and on its own typed error.
 */
import { binaryEvent, type EventData, MaxAppendSizeExceededError } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { failureOf, numberedEvents, readWhole, uniqueName } from '../support/streams.ts';

const LIMIT_BYTES = 1_048_576;
const TYPE = 'Sized';
const TYPE_BYTES = 2 * TYPE.length;

const store = useEventstore();

const sized = (bytes: number): EventData =>
  binaryEvent({ type: TYPE, data: new Uint8Array(bytes - TYPE_BYTES).fill(7) });

describe('One append', () => {
  it('of exactly 1 MiB is taken', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, sized(LIMIT_BYTES));
    const [entry] = await readWhole(store.client, stream);
    expect(entry?.event?.data).toHaveLength(LIMIT_BYTES - TYPE_BYTES);
  });

  it('of one byte more is refused with the maximum', async () => {
    const stream = uniqueName();
    const error = await failureOf(store.client.appendToStream(stream, sized(LIMIT_BYTES + 1)));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: LIMIT_BYTES });
  });

  it('counts metadata as well', async () => {
    const stream = uniqueName();
    const metadata = new Uint8Array(1_000).fill(1);
    const event = (bytes: number): EventData =>
      binaryEvent({ type: TYPE, data: new Uint8Array(bytes - TYPE_BYTES - metadata.length), metadata });
    const error = await failureOf(store.client.appendToStream(stream, event(LIMIT_BYTES + 1)));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    await store.client.appendToStream(stream, event(LIMIT_BYTES));
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });

  it('counts all of its events together', async () => {
    const stream = uniqueName();
    const half = LIMIT_BYTES / 2;
    const error = await failureOf(store.client.appendToStream(stream, [sized(half), sized(half + 1)]));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    await store.client.appendToStream(stream, [sized(half), sized(half)]);
    expect(await readWhole(store.client, stream)).toHaveLength(2);
  });

  it('that is too large leaves the connection usable and other appends unharmed', async () => {
    const stream = uniqueName();
    const outcomes = await Promise.allSettled([
      store.client.appendToStream(stream, numberedEvents(1)),
      store.client.appendToStream(stream, sized(2 * LIMIT_BYTES)),
      store.client.appendToStream(stream, numberedEvents(1)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await readWhole(store.client, stream)).toHaveLength(2);
  });

  it('sent in many small chunks is still one append', async () => {
    const stream = uniqueName();
    const events = Array.from({ length: 60 }, () => sized(16_000));
    const result = await store.client.appendToStream(stream, events, { batchAppendSize: 20_000 });
    expect(result.nextExpectedRevision).toBe(59n);
    expect(await readWhole(store.client, stream)).toHaveLength(60);
  });

  it('of more than 3 MiB, which the client splits, is refused as a whole', async () => {
    const stream = uniqueName();
    const events = Array.from({ length: 8 }, () => sized(500_000));
    const error = await failureOf(store.client.appendToStream(stream, events));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    await store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: 'no_stream' });
  });
});
