/** A devstore in this process with a folder of its own, so that a spec can stop it and start it again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  type PersistentSubscriptionToStream,
  type PersistentSubscriptionToStreamInfo,
  type PersistentSubscriptionToStreamResolvedEvent,
} from '@eventstore/db-client';
import { expect, onTestFinished, vi } from 'vitest';
import { type Devstore, startDevstore } from '../../../src/devstore/index.ts';
import { type Follower, follow } from '../../support/follow.ts';
import type { Group } from '../../support/persistent.ts';

const REPORT = { timeout: 15_000, interval: 50 };

export type Resolved = PersistentSubscriptionToStreamResolvedEvent;
type Subscription = PersistentSubscriptionToStream;
export type Stats = PersistentSubscriptionToStreamInfo['stats'];

export type Server = {
  readonly dataDir: string;
  /** Of the server as it runs now: a restart brings a new one. */
  readonly client: EventStoreDBClient;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
};

/** Stopped, and its folder deleted, when the test ends. */
export async function runServer(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'seatlog-groups-'));
  let running: { devstore: Devstore; client: EventStoreDBClient } | undefined;
  const start = async (): Promise<void> => {
    const devstore = await startDevstore({ port: 0, dataDir });
    running = { devstore, client: EventStoreDBClient.connectionString(devstore.connectionString) };
  };
  const stop = async (): Promise<void> => {
    const stopping = running;
    running = undefined;
    await stopping?.devstore.close();
    await stopping?.client.dispose();
  };
  await start();
  onTestFinished(async () => {
    await stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  return {
    dataDir,
    get client() {
      if (!running) throw new Error('The server is not running.');
      return running.client;
    },
    stop,
    start,
  };
}

export type Answer = (subscription: Subscription, entry: Resolved) => Promise<void> | void;

export const leaveUnanswered: Answer = () => undefined;

export function consume(
  client: EventStoreDBClient,
  { stream, group }: Group,
  answer: Answer,
  bufferSize = 10,
): Follower<Resolved> {
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize });
  return follow<Resolved>(subscription, (entry) => void answer(subscription, entry));
}

export async function statsOf(client: EventStoreDBClient, { stream, group }: Group): Promise<Stats> {
  return (await client.getPersistentSubscriptionToStreamInfo(stream, group)).stats;
}

/** Asks until the statistics satisfy the check. */
export const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, REPORT);

export const sortedNumbers = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

export const expectStats = async (
  client: EventStoreDBClient,
  group: Group,
  wanted: Partial<Stats>,
): Promise<void> => eventually(async () => expect(await statsOf(client, group)).toMatchObject(wanted));
