/**
 * Groups of a devstore that is killed with -9 while they are consumed: every event is delivered at least once
 * or is among the parked, and nothing is delivered again that lies behind a checkpoint the server has told
 * of.
 */
import {
  EventStoreDBClient,
  PARK,
  type PersistentSubscriptionToStreamResolvedEvent,
} from '@eventstore/db-client';
import { expect, it } from 'vitest';
import { type Devstore, startDevstore } from '../../support/devstore-process.ts';
import { createGroup, type Group } from '../../support/persistent.ts';
import { printedRandom } from '../../support/random.ts';
import { eventOf, numberedEvents, range } from '../../support/streams.ts';
import { until } from '../../support/until.ts';

const ROUNDS = 6;
const EVENTS = 3_000;
/** Every so many-th event is parked instead of acknowledged. */
const PARKED_EVERY = 100;

type Seen = { readonly answered: Set<bigint>; readonly lowestSince: { revision: bigint } };

const isToPark = (revision: bigint): boolean => Number(revision) % PARKED_EVERY === 7;

function consume(client: EventStoreDBClient, { stream, group }: Group, seen: Seen) {
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize: 50 });
  subscription.on('error', () => undefined);
  subscription.on('data', (entry: PersistentSubscriptionToStreamResolvedEvent) => {
    const { revision } = eventOf(entry);
    if (revision < seen.lowestSince.revision) seen.lowestSince.revision = revision;
    const answer = isToPark(revision) ? subscription.nack(PARK, 'every', entry) : subscription.ack(entry);
    answer.then(
      () => seen.answered.add(revision),
      () => undefined,
    );
  });
}

async function checkpointOf(client: EventStoreDBClient, { stream, group }: Group): Promise<bigint> {
  const { stats } = await client.getPersistentSubscriptionToStreamInfo(stream, group);
  return stats.lastCheckpointedEventRevision ?? -1n;
}

/** Consumes for a while, then kills the server. Returns the last checkpoint it told of. */
async function round(devstore: Devstore, group: Group, seen: Seen, events: number): Promise<bigint> {
  const client = EventStoreDBClient.connectionString(devstore.url);
  const target = Math.min(EVENTS, seen.answered.size + events);
  consume(client, group, seen);
  await until(`${target} events are answered`, () => seen.answered.size >= target);
  const checkpoint = await checkpointOf(client, group);
  await devstore.kill('SIGKILL');
  await client.dispose();
  await devstore.restart();
  return checkpoint;
}

it('No event is lost when the server is killed, and none behind the checkpoint comes again', async () => {
  const random = printedRandom();
  const devstore = await startDevstore();
  try {
    const setup = EventStoreDBClient.connectionString(devstore.url);
    const group = await createGroup(setup);
    await setup.appendToStream(group.stream, numberedEvents(EVENTS));
    await setup.dispose();
    const seen: Seen = { answered: new Set(), lowestSince: { revision: 0n } };
    for (const _ of range(0, ROUNDS)) {
      const checkpoint = await round(devstore, group, seen, random.between(50, 400));
      seen.lowestSince.revision = BigInt(EVENTS);
      const client = EventStoreDBClient.connectionString(devstore.url);
      expect(await checkpointOf(client, group)).toBeGreaterThanOrEqual(checkpoint);
      await client.dispose();
      await round(devstore, group, seen, 10);
      expect(seen.lowestSince.revision).toBeGreaterThan(checkpoint);
    }
    const client = EventStoreDBClient.connectionString(devstore.url);
    consume(client, group, seen);
    await until('every event is answered', () => seen.answered.size === EVENTS);
    const last = BigInt(EVENTS - 1);
    await until('the checkpoint is at the end', async () => (await checkpointOf(client, group)) === last);
    const parked = range(0, EVENTS).filter((revision) => isToPark(BigInt(revision)));
    const { stats } = await client.getPersistentSubscriptionToStreamInfo(group.stream, group.group);
    // A kill between parking and the checkpoint parks an event a second time: at least once.
    expect(Number(stats.parkedMessageCount)).toBeGreaterThanOrEqual(parked.length);
    expect(Number(stats.parkedMessageCount)).toBeLessThanOrEqual(parked.length + 4 * ROUNDS);
    await client.dispose();
  } finally {
    await devstore.close();
  }
});
