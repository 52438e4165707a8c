/**
 * Thousands of streams and a hundred subscriptions at once: a flash sale has one stream per order lane, payment and
 * account, and real servers allow 100 calls per connection.
 */
import { END, EventStoreDBClient, NO_STREAM, streamNameFilter } from '@eventstore/db-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { follow } from '../support/follow.ts';
import {
  numberedEvents,
  numbersOf,
  range,
  readWhole,
  revisionsOf,
  uniqueId,
  uniqueName,
} from '../support/streams.ts';

const STREAMS = 5_000;
const READERS = 50;
const CALLS_PER_CONNECTION = 100;

const store = useEventstore();

/** Another keep-alive makes another connection: clients with equal settings share one, and its 100 calls. */
function clientOnOwnConnection(): EventStoreDBClient {
  const separator = store.url.includes('?') ? '&' : '?';
  const client = EventStoreDBClient.connectionString(`${store.url}${separator}keepAliveInterval=10001`);
  onTestFinished(() => client.dispose());
  return client;
}

describe('Five thousand streams', () => {
  it('take concurrent appends and each keep their own revisions', async () => {
    const key = uniqueId();
    const name = (index: number): string => `Many_${key}-${index}`;
    const results = await Promise.all(
      range(0, STREAMS).map((index) =>
        store.client.appendToStream(name(index), numberedEvents(1, 'Numbered', index), {
          expectedRevision: NO_STREAM,
        }),
      ),
    );
    expect(results.every((result) => result.nextExpectedRevision === 0n)).toBe(true);
    await Promise.all(
      range(0, STREAMS).map((index) =>
        store.client.appendToStream(name(index), numberedEvents(1, 'Numbered', -index), {
          expectedRevision: 0n,
        }),
      ),
    );
    const sample = range(0, STREAMS).filter((index) => index % 10 === 0);
    const wrong: number[] = [];
    const readNext = async (): Promise<void> => {
      for (let index = sample.pop(); index !== undefined; index = sample.pop()) {
        const entries = await readWhole(store.client, name(index));
        const asAppended = numbersOf(entries).join() === `${[index, 0 - index]}`;
        if (!asAppended || revisionsOf(entries).join() !== '0,1') wrong.push(index);
      }
    };
    await Promise.all(range(0, READERS).map(readNext));
    expect(wrong).toEqual([]);
  });
});

describe('A hundred subscriptions at once', () => {
  it('each get the events of their stream, on one connection', async () => {
    const subscriber = clientOnOwnConnection();
    const streams = range(0, CALLS_PER_CONNECTION).map(() => uniqueName());
    const followers = streams.map((stream) => follow(subscriber.subscribeToStream(stream)));
    await Promise.all(followers.map((follower) => follower.caughtUp()));
    await Promise.all(
      streams.map((stream, index) =>
        store.client.appendToStream(stream, numberedEvents(3, 'Numbered', index * 10)),
      ),
    );
    await Promise.all(followers.map((follower) => follower.count(3)));
    const numbers = followers.map((follower) => numbersOf(follower.events));
    expect(numbers).toEqual(streams.map((_, index) => range(index * 10, index * 10 + 3)));
  });

  it('to $all each get the same events in the same order', async () => {
    const subscriber = clientOnOwnConnection();
    const stream = uniqueName();
    const followers = range(0, CALLS_PER_CONNECTION).map(() =>
      follow(
        subscriber.subscribeToAll({ fromPosition: END, filter: streamNameFilter({ prefixes: [stream] }) }),
      ),
    );
    await Promise.all(followers.map((follower) => follower.caughtUp()));
    await store.client.appendToStream(stream, numberedEvents(20));
    await Promise.all(followers.map((follower) => follower.count(20)));
    expect(followers.every((follower) => numbersOf(follower.events).join() === range(0, 20).join())).toBe(
      true,
    );
  });

  it('leave no room for another call on that connection until one of them ends', async () => {
    const subscriber = clientOnOwnConnection();
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(1));
    const followers = range(0, CALLS_PER_CONNECTION).map(() => follow(subscriber.subscribeToStream(stream)));
    await Promise.all(followers.map((follower) => follower.caughtUp()));
    let answered = false;
    const reading = readWhole(subscriber, stream).then((entries) => {
      answered = true;
      return entries;
    });
    await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', 1));
    await Promise.all(followers.map((follower) => follower.count(2)));
    expect(answered).toBe(false);
    await followers[0]?.stop();
    expect(numbersOf(await reading)).toEqual([0, 1]);
  });
});
