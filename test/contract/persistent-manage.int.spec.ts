/**
 * Making, changing, describing and removing persistent subscription groups.
 */
import {
  DISPATCH_TO_SINGLE,
  END,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionExistsError,
  PINNED,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { follow } from '../support/follow.ts';
import { createGroup } from '../support/persistent.ts';
import { failureOf, numberedEvents, uniqueName } from '../support/streams.ts';

const store = useEventstore();
const toStream = persistentSubscriptionToStreamSettingsFromDefaults;
const toAll = persistentSubscriptionToAllSettingsFromDefaults;

describe('A group on a stream', () => {
  it.each([START, END, 7n] as const)(
    'that starts from %s reports the settings it was made with',
    async (from) => {
      const [stream, group] = [uniqueName(), uniqueName('group')];
      const settings = toStream({
        startFrom: from,
        resolveLinkTos: true,
        messageTimeout: 12_345,
        maxRetryCount: 3,
        checkPointAfter: 1_500,
        checkPointLowerBound: 4,
        checkPointUpperBound: 40,
        maxSubscriberCount: 5,
        liveBufferSize: 300,
        readBatchSize: 30,
        historyBufferSize: 600,
        consumerStrategyName: PINNED,
      });
      await store.client.createPersistentSubscriptionToStream(stream, group, settings);
      const info = await store.client.getPersistentSubscriptionToStreamInfo(stream, group);
      expect(info).toMatchObject({ eventSource: stream, groupName: group, settings, connections: [] });
    },
  );

  it('has new settings after an update', async () => {
    const { stream, group } = await createGroup(store.client);
    const settings = toStream({
      startFrom: START,
      maxRetryCount: 77,
      consumerStrategyName: DISPATCH_TO_SINGLE,
    });
    await store.client.updatePersistentSubscriptionToStream(stream, group, settings);
    const info = await store.client.getPersistentSubscriptionToStreamInfo(stream, group);
    expect(info.settings).toEqual(settings);
  });

  it('reports the consumers connected to it by name', async () => {
    const { stream, group } = await createGroup(store.client);
    const follower = follow(store.client.subscribeToPersistentSubscriptionToStream(stream, group));
    await follower.until(() => follower.seen.confirmations === 1, 'the confirmation');
    const { connections } = await store.client.getPersistentSubscriptionToStreamInfo(stream, group);
    expect(connections.map((connection) => connection.connectionName)).toEqual([store.client.connectionName]);
  });

  it('cannot be made twice', async () => {
    const { stream, group } = await createGroup(store.client);
    const error = await failureOf(
      store.client.createPersistentSubscriptionToStream(stream, group, toStream()),
    );
    expect(error).toBeInstanceOf(PersistentSubscriptionExistsError);
    expect(error).toMatchObject({ streamName: stream, groupName: group });
  });

  it('is gone after it is deleted, and can be made again', async () => {
    const { stream, group } = await createGroup(store.client);
    await store.client.deletePersistentSubscriptionToStream(stream, group);
    const error = await failureOf(store.client.getPersistentSubscriptionToStreamInfo(stream, group));
    expect(error).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
    await store.client.createPersistentSubscriptionToStream(stream, group, toStream());
  });

  it('survives a restart of the subsystem', async () => {
    const { stream, group } = await createGroup(store.client);
    await store.client.restartPersistentSubscriptionSubsystem();
    await store.client.appendToStream(stream, numberedEvents(1));
    const info = await store.client.getPersistentSubscriptionToStreamInfo(stream, group);
    expect(info.groupName).toBe(group);
  });
});

describe('A group that is not there', () => {
  const stream = uniqueName();
  const group = uniqueName('group');

  it.each([
    ['updated', () => store.client.updatePersistentSubscriptionToStream(stream, group, toStream())],
    ['deleted', () => store.client.deletePersistentSubscriptionToStream(stream, group)],
    ['described', () => store.client.getPersistentSubscriptionToStreamInfo(stream, group)],
    ['replayed', () => store.client.replayParkedMessagesToStream(stream, group)],
    ['updated on $all', () => store.client.updatePersistentSubscriptionToAll(group, toAll())],
    ['deleted on $all', () => store.client.deletePersistentSubscriptionToAll(group)],
    ['described on $all', () => store.client.getPersistentSubscriptionToAllInfo(group)],
  ] as const)('cannot be %s', async (_what, attempt) => {
    const error = await failureOf(attempt());
    expect(error).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
    expect(error).toMatchObject({ groupName: group });
  });

  it('cannot be consumed', async () => {
    const follower = follow(store.client.subscribeToPersistentSubscriptionToStream(stream, group));
    expect(await follower.failed()).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
  });

  it('is not listed for its stream', async () => {
    const error = await failureOf(store.client.listPersistentSubscriptionsToStream(stream));
    expect(error).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
  });
});

describe('The list of groups', () => {
  it('of one stream names exactly its groups', async () => {
    const { stream, group } = await createGroup(store.client);
    const second = uniqueName('group');
    await store.client.createPersistentSubscriptionToStream(stream, second, toStream());
    await createGroup(store.client);
    const listed = await store.client.listPersistentSubscriptionsToStream(stream);
    expect(listed.map((info) => info.groupName).toSorted()).toEqual([group, second].toSorted());
  });

  it('of all streams names groups on streams and on $all', async () => {
    const { group } = await createGroup(store.client);
    const onAll = uniqueName('group');
    await store.client.createPersistentSubscriptionToAll(onAll, toAll());
    const listed = await store.client.listAllPersistentSubscriptions();
    expect(listed.map((info) => info.groupName)).toEqual(expect.arrayContaining([group, onAll]));
    const toAllOnly = await store.client.listPersistentSubscriptionsToAll();
    expect(toAllOnly.map((info) => info.groupName)).toContain(onAll);
    expect(toAllOnly.every((info) => info.eventSource === '$all')).toBe(true);
  });
});

describe('A group on $all', () => {
  it.each([
    ['the start', START],
    ['the end', END],
    ['a position', { commit: 5_000n, prepare: 5_000n }],
  ] as const)('that starts from %s reports the settings it was made with', async (_name, startFrom) => {
    const group = uniqueName('group');
    const settings = toAll({ startFrom, maxRetryCount: 2 });
    const filter = streamNameFilter({ prefixes: ['Nothing-'] });
    await store.client.createPersistentSubscriptionToAll(group, settings, { filter });
    const info = await store.client.getPersistentSubscriptionToAllInfo(group);
    expect(info).toMatchObject({ eventSource: '$all', groupName: group, settings });
    await store.client.deletePersistentSubscriptionToAll(group);
  });

  it('cannot be made twice', async () => {
    const group = uniqueName('group');
    await store.client.createPersistentSubscriptionToAll(group, toAll());
    const error = await failureOf(store.client.createPersistentSubscriptionToAll(group, toAll()));
    expect(error).toBeInstanceOf(PersistentSubscriptionExistsError);
  });
});
