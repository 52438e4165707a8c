/**
 * What a group keeps when its server stops: settings, checkpoint, parked messages, and where it was to begin.
 */
import {
  CancelledError,
  END,
  PARK,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { createGroup } from '../../support/persistent.ts';
import { eventOf, numberedEvents, numbersOf, range, uniqueName } from '../../support/streams.ts';
import { consume, expectStats, leaveUnanswered, runServer, sortedNumbers } from './server.ts';

/** Checkpoints that no test lives to see: only a stop writes one. */
const NO_CHECKPOINTS = { checkPointAfter: 60_000, checkPointLowerBound: 1_000, checkPointUpperBound: 1_000 };

describe('A server that stops and starts again', () => {
  it('delivers what was not acknowledged, and nothing else', async () => {
    const server = await runServer();
    const group = await createGroup(server.client, NO_CHECKPOINTS);
    await server.client.appendToStream(group.stream, numberedEvents(10));
    const first = consume(server.client, group, (subscription, entry) =>
      eventOf(entry).revision < 6n ? subscription.ack(entry) : undefined,
    );
    await first.count(10);
    await expectStats(server.client, group, { totalInFlightMessages: 4 });
    await server.stop();
    await server.start();
    await expectStats(server.client, group, { lastCheckpointedEventRevision: 5n });
    const second = consume(server.client, group, (subscription, entry) => subscription.ack(entry));
    await second.count(4);
    expect(sortedNumbers(numbersOf(second.events))).toEqual([6, 7, 8, 9]);
    await expectStats(server.client, group, { totalInFlightMessages: 0 });
    expect(second.events).toHaveLength(4);
  });

  it('goes back to the oldest event without an answer when later ones have theirs', async () => {
    const server = await runServer();
    const group = await createGroup(server.client, NO_CHECKPOINTS);
    await server.client.appendToStream(group.stream, numberedEvents(5));
    const first = consume(server.client, group, (subscription, entry) =>
      eventOf(entry).revision === 1n ? undefined : subscription.ack(entry),
    );
    await first.count(5);
    await expectStats(server.client, group, { totalInFlightMessages: 1 });
    await server.stop();
    await server.start();
    const second = consume(server.client, group, leaveUnanswered);
    await second.count(4);
    expect(numbersOf(second.events)).toEqual([1, 2, 3, 4]);
  });

  it('keeps the settings and the filter of a group on $all', async () => {
    const server = await runServer();
    const [group, prefix] = [uniqueName('group'), uniqueName('Wanted')];
    const settings = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, maxRetryCount: 3 });
    const filter = streamNameFilter({ prefixes: [prefix] });
    await server.client.createPersistentSubscriptionToAll(group, settings, { filter });
    await server.stop();
    await server.start();
    const info = await server.client.getPersistentSubscriptionToAllInfo(group);
    expect(info.settings).toEqual(settings);
    await server.client.appendToStream(uniqueName('Other'), numberedEvents(3));
    await server.client.appendToStream(`${prefix}-1`, numberedEvents(2));
    const subscription = server.client.subscribeToPersistentSubscriptionToAll(group);
    for await (const entry of subscription) {
      expect(entry.event?.streamId).toBe(`${prefix}-1`);
      if (entry.event?.revision === 1n) break;
    }
  });

  it('remembers where the end was for a group that starts from there', async () => {
    const server = await runServer();
    const [stream, group] = [uniqueName(), uniqueName('group')];
    await server.client.appendToStream(stream, numberedEvents(5));
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: END });
    await server.client.createPersistentSubscriptionToStream(stream, group, settings);
    await server.client.appendToStream(stream, numberedEvents(3, 'Numbered', 5));
    await server.stop();
    await server.start();
    const follower = consume(server.client, { stream, group }, leaveUnanswered);
    await follower.count(3);
    expect(numbersOf(follower.events)).toEqual([5, 6, 7]);
  });

  it('keeps parked messages, and those of a replay that nobody answered', async () => {
    const server = await runServer();
    const group = await createGroup(server.client);
    await server.client.appendToStream(group.stream, numberedEvents(3));
    const first = consume(server.client, group, (subscription, entry) => {
      if (entry.link === undefined) return subscription.nack(PARK, 'broken', entry);
      return eventOf(entry).revision === 0n ? subscription.ack(entry) : undefined;
    });
    await expectStats(server.client, group, { parkedMessageCount: 3n });
    await server.client.replayParkedMessagesToStream(group.stream, group.group);
    await first.count(6);
    await expectStats(server.client, group, { parkedMessageCount: 0n, totalInFlightMessages: 2 });
    await server.stop();
    await server.start();
    await expectStats(server.client, group, { parkedMessageCount: 2n, lastCheckpointedEventRevision: 2n });
    await server.client.replayParkedMessagesToStream(group.stream, group.group);
    const second = consume(server.client, group, (subscription, entry) => subscription.ack(entry));
    await second.count(2);
    expect(sortedNumbers(numbersOf(second.events))).toEqual([1, 2]);
  });

  it('does not bring back a deleted group', async () => {
    const server = await runServer();
    const group = await createGroup(server.client);
    await server.client.deletePersistentSubscriptionToStream(group.stream, group.group);
    await server.stop();
    await server.start();
    expect(await server.client.listAllPersistentSubscriptions()).toEqual([]);
  });

  it('ends consumers with CANCELLED, and holds their events against nobody', async () => {
    const server = await runServer();
    const group = await createGroup(server.client, { maxRetryCount: 0 });
    await server.client.appendToStream(group.stream, numberedEvents(5));
    const follower = consume(server.client, group, leaveUnanswered);
    await follower.count(5);
    await server.stop();
    expect(await follower.failed()).toBeInstanceOf(CancelledError);
    await server.start();
    await expectStats(server.client, group, { parkedMessageCount: 0n });
    const next = consume(server.client, group, leaveUnanswered);
    await next.count(5);
    expect(sortedNumbers(numbersOf(next.events))).toEqual(range(0, 5));
  });
});
