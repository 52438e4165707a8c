/**
 * Consumers that are dropped, stop themselves or send what the contract does not know, and what is told of
 * them.
 */
import {
  PersistentSubscriptionDroppedError,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  STOP,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { createGroup } from '../../support/persistent.ts';
import { eventOf, numberedEvents, numbersOf, range } from '../../support/streams.ts';
import { consume, eventually, expectStats, leaveUnanswered, runServer, sortedNumbers } from './server.ts';

describe('A consumer', () => {
  it('that answers with STOP is dropped, and another gets what it held', async () => {
    const { client } = await runServer();
    const group = await createGroup(client, { maxRetryCount: 0 });
    await client.appendToStream(group.stream, numberedEvents(5));
    const stopping = consume(client, group, (subscription, entry) =>
      eventOf(entry).revision === 4n ? subscription.nack(STOP, 'enough', entry) : undefined,
    );
    expect(await stopping.failed()).toBeInstanceOf(PersistentSubscriptionDroppedError);
    const next = consume(client, group, (subscription, entry) => subscription.ack(entry));
    await next.count(5);
    expect(sortedNumbers(numbersOf(next.events))).toEqual(range(0, 5));
    await expectStats(client, group, { parkedMessageCount: 0n });
  });

  it('is dropped by an update, and goes on from what was acknowledged', async () => {
    const { client } = await runServer();
    const group = await createGroup(client);
    await client.appendToStream(group.stream, numberedEvents(5));
    const first = consume(client, group, (subscription, entry) =>
      eventOf(entry).revision < 3n ? subscription.ack(entry) : undefined,
    );
    await first.count(5);
    await expectStats(client, group, { totalInFlightMessages: 2 });
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
    await client.updatePersistentSubscriptionToStream(group.stream, group.group, settings);
    expect(await first.failed()).toBeInstanceOf(PersistentSubscriptionDroppedError);
    const second = consume(client, group, leaveUnanswered);
    await second.count(2);
    expect(sortedNumbers(numbersOf(second.events))).toEqual([3, 4]);
  });

  it('is dropped by a restart of the subsystem, which loses nothing', async () => {
    const { client } = await runServer();
    const group = await createGroup(client);
    await client.appendToStream(group.stream, numberedEvents(3));
    const first = consume(client, group, leaveUnanswered);
    await first.count(3);
    await client.restartPersistentSubscriptionSubsystem();
    expect(await first.failed()).toBeInstanceOf(PersistentSubscriptionDroppedError);
    const second = consume(client, group, leaveUnanswered);
    await second.count(3);
    expect(second.events.map(({ retryCount }) => retryCount)).toEqual([0, 0, 0]);
  });

  it('is described with its slots and, where asked for, its response times', async () => {
    const { client } = await runServer();
    const group = await createGroup(client, { extraStatistics: true });
    await client.appendToStream(group.stream, numberedEvents(10));
    const follower = consume(
      client,
      group,
      (subscription, entry) => (eventOf(entry).revision < 7n ? subscription.ack(entry) : undefined),
      20,
    );
    await follower.count(10);
    await expectStats(client, group, { totalItems: 10n, outstandingMessagesCount: 3 });
    const info = await client.getPersistentSubscriptionToStreamInfo(group.stream, group.group);
    const [connection] = info.connections;
    expect(connection).toMatchObject({ availableSlots: 17, inFlightMessages: 3, totalItems: 10n });
    expect(connection?.extraStatistics?.get('mean')).toBeTypeOf('bigint');
    expect(connection?.extraStatistics?.size).toBe(14);
  });

  it('leaves no trace when it is gone', async () => {
    const { client } = await runServer();
    const group = await createGroup(client);
    const follower = consume(client, group, leaveUnanswered);
    await follower.until(() => follower.seen.confirmations === 1, 'the confirmation');
    await follower.stop();
    await eventually(async () => {
      const info = await client.getPersistentSubscriptionToStreamInfo(group.stream, group.group);
      expect(info.connections).toEqual([]);
    });
  });
});
