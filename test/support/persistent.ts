/**
 * Groups for the persistent subscription contract: unique names, quick settings, and waiting for what the server
 * reports about a group, so that no test has to guess how long an ack takes.
 */
import {
  type EventStoreDBClient,
  type PersistentSubscriptionToStreamInfo,
  type PersistentSubscriptionToStreamSettings,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { expect, vi } from 'vitest';
import { uniqueName } from './streams.ts';

const REPORT = { timeout: 15_000, interval: 50 };

export type Group = { readonly stream: string; readonly group: string };

/** A group on a new stream, from its start, that checkpoints every message. */
export async function createGroup(
  client: EventStoreDBClient,
  changes: Partial<PersistentSubscriptionToStreamSettings> = {},
): Promise<Group> {
  const [stream, group] = [uniqueName('Source'), uniqueName('group')];
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({
    startFrom: START,
    checkPointLowerBound: 1,
    checkPointUpperBound: 1,
    checkPointAfter: 100,
    ...changes,
  });
  await client.createPersistentSubscriptionToStream(stream, group, settings);
  return { stream, group };
}

/** Asks for the group's info until it looks as expected; fails with the last difference. */
export async function reported(
  client: EventStoreDBClient,
  { stream, group }: Group,
  stats: Partial<PersistentSubscriptionToStreamInfo['stats']>,
): Promise<void> {
  await vi.waitFor(async () => {
    const info = await client.getPersistentSubscriptionToStreamInfo(stream, group);
    expect(info.stats).toMatchObject(stats);
  }, REPORT);
}
