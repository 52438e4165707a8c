/**
 * Everything that was acknowledged is there after a restart, gentle or not: events, deletes, metadata, groups with
 * their checkpoints and parked events, and the idempotence of appends.
 */
import {
  EventStoreDBClient,
  NO_STREAM,
  PARK,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';
import { follow } from '../support/follow.ts';
import { createGroup, reported } from '../support/persistent.ts';
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

describe.each(['SIGTERM', 'SIGKILL'] as const)('After %s and a restart', (signal) => {
  let devstore: Devstore;
  let client: EventStoreDBClient;
  let restarts = 0;

  beforeEach(async () => {
    devstore = await startDevstore();
    client = EventStoreDBClient.connectionString(devstore.url);
  });

  afterEach(() => devstore.close());

  /** A new keep-alive makes a new connection, which does not wait for the back-off of the one that broke. */
  const restart = async (): Promise<void> => {
    await devstore.kill(signal);
    await devstore.restart();
    restarts += 1;
    client = EventStoreDBClient.connectionString(`${devstore.url}&keepAliveInterval=${10_000 + restarts}`);
  };

  it('events are the same in every field, and so is the order of $all', async () => {
    const stream = uniqueName();
    await client.appendToStream(stream, numberedEvents(50));
    await client.appendToStream(uniqueName(), numberedEvents(50));
    const before = [await readWhole(client, stream), await collect(client.readAll())];
    await restart();
    expect([await readWhole(client, stream), await collect(client.readAll())]).toEqual(before);
  });

  it('revisions and positions go on where they were', async () => {
    const stream = uniqueName();
    const before = await client.appendToStream(stream, numberedEvents(3));
    await restart();
    const after = await client.appendToStream(stream, numberedEvents(1, 'Numbered', 3), {
      expectedRevision: 2n,
    });
    expect(after.nextExpectedRevision).toBe(3n);
    expect(positionOf(after).commit).toBeGreaterThan(positionOf(before).commit);
    expect(numbersOf(await readWhole(client, stream))).toEqual(range(0, 4));
  });

  it('an append sent again is still known', async () => {
    const stream = uniqueName();
    const events = numberedEvents(3);
    const before = await client.appendToStream(stream, events, { expectedRevision: NO_STREAM });
    await restart();
    expect(await client.appendToStream(stream, events, { expectedRevision: NO_STREAM })).toEqual(before);
  });

  it('deleted, tombstoned and truncated streams are still that', async () => {
    const [deleted, tombstoned, truncated] = [uniqueName(), uniqueName(), uniqueName()];
    for (const stream of [deleted, tombstoned, truncated])
      await client.appendToStream(stream, numberedEvents(5));
    await client.deleteStream(deleted);
    await client.tombstoneStream(tombstoned);
    await client.setStreamMetadata(truncated, { maxCount: 2 });
    await restart();
    expect(await failureOf(readWhole(client, deleted))).toBeInstanceOf(StreamNotFoundError);
    expect(await failureOf(readWhole(client, tombstoned))).toBeInstanceOf(StreamDeletedError);
    expect(numbersOf(await readWhole(client, truncated))).toEqual([3, 4]);
    expect((await client.appendToStream(deleted, numberedEvents(1))).nextExpectedRevision).toBe(5n);
  });

  it('a group goes on after its checkpoint', async () => {
    const group = await createGroup(client);
    await client.appendToStream(group.stream, numberedEvents(20));
    const first = client.subscribeToPersistentSubscriptionToStream(group.stream, group.group);
    const follower = follow(first, (entry) => {
      if (eventOf(entry).revision < 12n) void first.ack(entry);
    });
    await follower.count(20);
    await reported(client, group, { lastCheckpointedEventRevision: 11n });
    await restart();
    await follower.failed();
    const second = client.subscribeToPersistentSubscriptionToStream(group.stream, group.group);
    const resumed = follow(second, (entry) => void second.ack(entry));
    await resumed.count(8);
    expect(numbersOf(resumed.events).toSorted((a, b) => a - b)).toEqual(range(12, 20));
  });

  it('groups keep their settings and their parked events', async () => {
    const group = await createGroup(client, { maxRetryCount: 9 });
    await client.appendToStream(group.stream, numberedEvents(3));
    const first = client.subscribeToPersistentSubscriptionToStream(group.stream, group.group);
    const follower = follow(first, (entry) => void first.nack(PARK, 'broken', entry));
    await follower.count(3);
    await reported(client, group, { parkedMessageCount: 3n });
    await restart();
    await follower.failed();
    const info = await client.getPersistentSubscriptionToStreamInfo(group.stream, group.group);
    expect(info.settings).toMatchObject({ maxRetryCount: 9, startFrom: START });
    await reported(client, group, { parkedMessageCount: 3n });
    const second = client.subscribeToPersistentSubscriptionToStream(group.stream, group.group);
    const replayed = follow(second, (entry) => void second.ack(entry));
    await client.replayParkedMessagesToStream(group.stream, group.group);
    await replayed.count(3);
    expect(numbersOf(replayed.events).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it('a deleted group stays deleted', async () => {
    const group = await createGroup(client);
    await client.deletePersistentSubscriptionToStream(group.stream, group.group);
    await restart();
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    await client.createPersistentSubscriptionToStream(group.stream, group.group, settings);
  });
});
