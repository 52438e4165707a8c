/** Parked messages: links that anybody can read, given back by a replay, and never parked into a loop. */
import {
  binaryEvent,
  PARK,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  RETRY,
  START,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { createGroup } from '../../support/persistent.ts';
import { numberedEvents, readWhole, uniqueName } from '../../support/streams.ts';
import { consume, eventually, expectStats, runServer } from './server.ts';

describe('A parked message', () => {
  it('is a link to the event, with the reason and when', async () => {
    const { client } = await runServer();
    const group = await createGroup(client, { maxRetryCount: 0 });
    await client.appendToStream(group.stream, numberedEvents(2));
    consume(client, group, (subscription, entry) =>
      subscription.nack(entry.event?.revision === 0n ? PARK : RETRY, 'no such seat', entry),
    );
    await expectStats(client, group, { parkedMessageCount: 2n });
    const stream = `$persistentsubscription-${group.stream}::${group.group}-parked`;
    const links = await readWhole(client, stream);
    expect(links.map(({ event }) => event?.type)).toEqual(['$>', '$>']);
    const parked = await readWhole(client, stream, { resolveLinkTos: true });
    expect(parked.map(({ event }) => event?.streamId)).toEqual([group.stream, group.stream]);
    const reasons = links.map(({ event }) => event?.metadata as { reason: string; added: string });
    expect(reasons.map(({ reason }) => reason).toSorted()).toEqual([
      'Reached retry count of 0',
      'no such seat',
    ]);
    expect(reasons.every(({ added }) => !Number.isNaN(Date.parse(added)))).toBe(true);
  });

  it('that is parked again after a replay is there once', async () => {
    const { client } = await runServer();
    const group = await createGroup(client);
    await client.appendToStream(group.stream, numberedEvents(1));
    const follower = consume(client, group, (subscription, entry) => subscription.nack(PARK, 'no', entry));
    await expectStats(client, group, { parkedMessageCount: 1n });
    await client.replayParkedMessagesToStream(group.stream, group.group);
    await follower.count(2);
    await expectStats(client, group, { parkedMessageCount: 1n, totalInFlightMessages: 0 });
    await client.replayParkedMessagesToStream(group.stream, group.group);
    await follower.count(3);
    expect(follower.events.map(({ event }) => event?.revision)).toEqual([0n, 0n, 0n]);
  });

  it('of a link that leads nowhere is replayed as that link', async () => {
    const { client } = await runServer();
    const [stream, name] = [uniqueName('Links'), uniqueName('group')];
    const group = { stream, group: name };
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({
      startFrom: START,
      resolveLinkTos: true,
    });
    await client.createPersistentSubscriptionToStream(stream, name, settings);
    await client.appendToStream(stream, binaryEvent({ type: '$>', data: Buffer.from('7@Nowhere') }));
    const follower = consume(client, group, (subscription, entry) => subscription.nack(PARK, 'gone', entry));
    await expectStats(client, group, { parkedMessageCount: 1n });
    await client.replayParkedMessagesToStream(stream, name);
    await follower.count(2);
    expect(follower.events.map(({ event }) => event)).toEqual([undefined, undefined]);
  });

  it('is gone with its group', async () => {
    const { client } = await runServer();
    const group = await createGroup(client);
    await client.appendToStream(group.stream, numberedEvents(3));
    const follower = consume(client, group, (subscription, entry) => subscription.nack(PARK, 'no', entry));
    await expectStats(client, group, { parkedMessageCount: 3n });
    await client.deletePersistentSubscriptionToStream(group.stream, group.group);
    await follower.failed();
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    await client.createPersistentSubscriptionToStream(group.stream, group.group, settings);
    await expectStats(client, group, { parkedMessageCount: 0n });
  });
});

describe('A group on $all', () => {
  it('that parks everything is not given what it parked', async () => {
    const { client } = await runServer();
    const [group, stream] = [uniqueName('group'), uniqueName()];
    const settings = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START });
    await client.createPersistentSubscriptionToAll(group, settings);
    const subscription = client.subscribeToPersistentSubscriptionToAll(group);
    const streams: (string | undefined)[] = [];
    subscription.on('error', () => undefined);
    subscription.on('data', (entry) => {
      streams.push(entry.event?.streamId);
      void subscription.nack(PARK, 'all of them', entry);
    });
    await client.appendToStream(stream, numberedEvents(5));
    const parked = async (): Promise<bigint> =>
      (await client.getPersistentSubscriptionToAllInfo(group)).stats.parkedMessageCount;
    await eventually(async () => expect(await parked()).toBe(5n));
    await client.appendToStream(stream, numberedEvents(1));
    await eventually(async () => expect(await parked()).toBe(6n));
    expect(streams).toEqual(Array.from({ length: 6 }, () => stream));
    await subscription.unsubscribe();
  });
});
