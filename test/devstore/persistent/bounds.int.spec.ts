/**
 * What a group holds at most: its read-ahead, what a consumer has unanswered, and what a slow connection
 * takes.
 */
import { jsonEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { createGroup } from '../../support/persistent.ts';
import { numberedEvents } from '../../support/streams.ts';
import { consume, eventually, expectStats, leaveUnanswered, runServer, statsOf } from './server.ts';

describe('A group with more to deliver than anybody takes', () => {
  it('reads no further ahead than its buffers', async () => {
    const server = await runServer();
    const group = await createGroup(server.client, {
      liveBufferSize: 30,
      historyBufferSize: 40,
      readBatchSize: 7,
    });
    await server.client.appendToStream(group.stream, numberedEvents(1_000));
    await expectStats(server.client, group, { readBufferCount: 40, liveBufferCount: 0n });
    const follower = consume(server.client, group, leaveUnanswered, 5);
    await follower.count(5);
    await expectStats(server.client, group, { readBufferCount: 40, totalInFlightMessages: 5 });
    expect(follower.events).toHaveLength(5);
  });

  it('sends a consumer that does not read only what its connection takes', async () => {
    const server = await runServer();
    const group = await createGroup(server.client);
    const pad = 'x'.repeat(10_000);
    const total = 600;
    for (let at = 0; at < total; at += 50) {
      const events = Array.from({ length: 50 }, () => jsonEvent({ type: 'Padded', data: { pad } }));
      await server.client.appendToStream(group.stream, events);
    }
    const { stream, group: name } = group;
    const idle = server.client.subscribeToPersistentSubscriptionToStream(stream, name, { bufferSize: total });
    idle.on('error', () => undefined);
    idle.pause();
    await eventually(async () =>
      expect((await statsOf(server.client, group)).totalInFlightMessages).toBeGreaterThan(0),
    );
    const helper = consume(server.client, group, (subscription, entry) => subscription.ack(entry));
    await eventually(async () => {
      const { totalInFlightMessages } = await statsOf(server.client, group);
      expect(helper.events.length + totalInFlightMessages).toBe(total);
    });
    expect((await statsOf(server.client, group)).totalInFlightMessages).toBeLessThan(total / 2);
    await idle.unsubscribe();
    await helper.count(total);
  });
});
