/**
 * The promise that Seatlog stands on: what was acknowledged is there after kill -9, once, in order, without a gap; what
 * was not is there wholly or not at all; and a consumer that resumes from its last position misses and repeats nothing.
 */
import { EventStoreDBClient } from '@eventstore/db-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';
import { printedRandom, type Random } from '../support/random.ts';
import { ResumingConsumer } from '../support/resuming-consumer.ts';
import {
  newWriter,
  retryPending,
  verifyTail,
  type Writer,
  writeUntilLost,
} from '../support/retrying-writer.ts';
import { eventOf, uniqueName } from '../support/streams.ts';

const ROUNDS = 30;
const WRITERS = 8;
const MAX_ACKNOWLEDGEMENTS = 120;
const MAX_DELAY_MS = 15;

let devstore: Devstore | undefined;

afterEach(async () => {
  await devstore?.close();
  devstore = undefined;
});

/** A new keep-alive makes a new connection, which does not wait for the back-off of the one that broke. */
const connect = (url: string, round: number): EventStoreDBClient =>
  EventStoreDBClient.connectionString(`${url}&keepAliveInterval=${10_001 + round}`);

/** Lets the writers write, and kills the server soon after a random number of acknowledgements. */
async function writeAndKill(
  server: Devstore,
  client: EventStoreDBClient,
  writers: readonly Writer[],
  random: Random,
): Promise<void> {
  const killAfter = random.between(1, MAX_ACKNOWLEDGEMENTS);
  const delayMs = random.between(0, MAX_DELAY_MS);
  let acknowledged = 0;
  await new Promise<void>((done, fail) => {
    const onAcknowledged = (): void => {
      acknowledged += 1;
      if (acknowledged === killAfter) setTimeout(() => server.kill('SIGKILL'), delayMs);
    };
    Promise.all(writers.map((writer) => writeUntilLost(client, writer, random, onAcknowledged))).then(
      () => done(),
      fail,
    );
  });
  await server.kill('SIGKILL');
}

describe('A devstore killed with -9 under concurrent appends', () => {
  it(`loses, repeats and tears nothing in ${ROUNDS} rounds on the same data`, async () => {
    const random = printedRandom();
    const prefix = uniqueName('Killed');
    const writers = Array.from({ length: WRITERS }, (_, index) => newWriter(`${prefix}-${index}`));
    const server = await startDevstore();
    devstore = server;
    const all = new ResumingConsumer({ prefix });
    const one = new ResumingConsumer({ stream: `${prefix}-0` });

    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0) await server.restart();
      const client = connect(server.url, round);
      for (const writer of writers) await verifyTail(client, writer);
      all.resume(client);
      one.resume(client);
      await Promise.all(writers.map((writer) => retryPending(client, writer)));
      await writeAndKill(server, client, writers, random);
      await Promise.all([all.lost(), one.lost()]);
    }

    await server.restart();
    const client = connect(server.url, ROUNDS);
    for (const writer of writers) {
      await verifyTail(client, writer);
      await retryPending(client, writer);
    }
    all.resume(client);
    one.resume(client);
    const total = writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);
    expect(total).toBeGreaterThan(ROUNDS * WRITERS);
    await all.seen(total);
    await one.seen(writers[0]?.acknowledged.length ?? 0);

    for (const writer of writers) {
      const stored: string[] = [];
      for await (const entry of client.readStream(writer.stream)) stored.push(eventOf(entry).id);
      expect(stored).toEqual(writer.acknowledged);
      expect(all.idsOf(writer.stream)).toEqual(writer.acknowledged);
    }
    expect(one.idsOf(`${prefix}-0`)).toEqual(writers[0]?.acknowledged);
    all.stop();
    one.stop();
    await client.dispose();
  });
});
