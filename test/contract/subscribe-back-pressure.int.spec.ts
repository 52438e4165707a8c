/**
 * A slow consumer must slow the server down, not lose, repeat or reorder events; Seatlog's projections are slow
 * whenever PostgreSQL is.
 */
import { type EventData, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import {
  eventOf,
  numberedEvents,
  numbersOf,
  positionOf,
  range,
  readWhole,
  uniqueName,
} from '../support/streams.ts';

const HISTORY = 2_000;
const LIVE = 1_000;
const SLOW = 300;
const PADDING = 'x'.repeat(1_000);

const store = useEventstore();

const padded = (from: number, to: number): EventData[] =>
  range(from, to).map((number) => jsonEvent({ type: 'Numbered', data: { number, padding: PADDING } }));

async function appendLive(stream: string): Promise<void> {
  for (let from = HISTORY; from < HISTORY + LIVE; from += 50) {
    await store.client.appendToStream(stream, padded(from, from + 50));
  }
}

/** Makes the consumer wait for a round trip to the server, as a consumer that writes somewhere would. */
const dawdle = (stream: string): Promise<unknown> => readWhole(store.client, stream, { maxCount: 1 });

describe('A consumer slower than the server', () => {
  it('of a stream gets every event once and in order while live events arrive', async () => {
    const stream = uniqueName();
    for (let from = 0; from < HISTORY; from += 500) {
      await store.client.appendToStream(stream, padded(from, from + 500));
    }
    const subscription = store.client.subscribeToStream(stream, {}, { highWaterMark: 1 });
    const numbers: number[] = [];
    let appending: Promise<void> | undefined;
    for await (const entry of subscription) {
      appending ??= appendLive(stream);
      numbers.push(...numbersOf([entry]));
      if (numbers.length < SLOW) await dawdle(stream);
      if (numbers.length === HISTORY + LIVE) break;
    }
    await subscription.unsubscribe();
    await appending;
    expect(numbers).toEqual(range(0, HISTORY + LIVE));
  });

  it('of filtered $all that falls behind while live gets every event once and in order', async () => {
    const stream = uniqueName('Slow');
    const start = positionOf(await store.client.appendToStream(uniqueName(), numberedEvents(1)));
    const filter = streamNameFilter({ prefixes: [stream] });
    const subscription = store.client.subscribeToAll({ fromPosition: start, filter }, { highWaterMark: 1 });
    const caughtUp = new Promise<void>((done) => subscription.once('caughtUp', done));
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const entry of subscription) {
        expect(eventOf(entry).streamId).toBe(stream);
        numbers.push(...numbersOf([entry]));
        if (numbers.length < SLOW) await dawdle(stream);
        if (numbers.length === HISTORY) break;
      }
    })();
    await caughtUp;
    for (let from = 0; from < HISTORY; from += 100) {
      await store.client.appendToStream(stream, padded(from, from + 100));
    }
    await reading;
    await subscription.unsubscribe();
    expect(numbers).toEqual(range(0, HISTORY));
  });
});
