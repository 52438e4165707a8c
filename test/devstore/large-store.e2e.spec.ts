/**
 * A store that has grown: memory must not grow with it, neither by writing, nor by reading, nor by a consumer that does
 * not read; and it must open as fast as a small one.
 */
import { readFile } from 'node:fs/promises';
import { EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';
import { rawStreams, readOptions } from '../support/raw-streams.ts';
import { eventOf, numberedEvents, range } from '../support/streams.ts';

const EVENTS = 200_000;
const BATCH = 2_000;
const STREAMS = 20;
const IN_FLIGHT = 4;
const OPEN_LIMIT_MS = 2_000;
const GROWTH_LIMIT_MIB = 250;

let devstore: Devstore;
let client: EventStoreDBClient;
let freshMib = 0;

/** What the process holds itself; the pages of the data file are the system's and can be dropped at any time. */
async function ownMemoryMib(): Promise<number> {
  const status = await readFile(`/proc/${devstore.pid}/status`, 'utf8');
  const kib = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  if (!kib) throw new Error('This system does not tell the memory of a process.');
  return Number(kib) / 1024;
}

async function timeToOpenMs(options: Parameters<typeof startDevstore>[0]): Promise<number> {
  const before = performance.now();
  const opened = await startDevstore(options);
  const elapsed = performance.now() - before;
  await opened.close();
  return elapsed;
}

beforeAll(async () => {
  devstore = await startDevstore();
  client = EventStoreDBClient.connectionString(devstore.url);
  freshMib = await ownMemoryMib();
  const batches = range(0, EVENTS / BATCH);
  const writeNext = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      await client.appendToStream(`Large-${batch % STREAMS}`, numberedEvents(BATCH, 'N', batch * BATCH));
    }
  };
  await Promise.all(range(0, IN_FLIGHT).map(writeNext));
});

afterAll(async () => {
  await devstore.close();
});

describe(`A store of ${EVENTS} events`, () => {
  it('was written without holding it in memory', async () => {
    expect((await ownMemoryMib()) - freshMib).toBeLessThan(GROWTH_LIMIT_MIB);
  });

  it('is read whole, in order, without holding it in memory', async () => {
    let [count, last, most] = [0, -1n, 0];
    const disordered: bigint[] = [];
    for await (const entry of client.readAll()) {
      const { commit } = eventOf(entry).position ?? { commit: -2n };
      if (commit <= last) disordered.push(commit);
      last = commit;
      count += 1;
      if (count % 20_000 === 0) most = Math.max(most, await ownMemoryMib());
    }
    expect(disordered).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(EVENTS);
    expect(most - freshMib).toBeLessThan(GROWTH_LIMIT_MIB);
  });

  it('is not loaded into memory for consumers that do not read', async () => {
    const stub = rawStreams(devstore.url);
    const calls = range(0, 20).map(() => {
      const options = readOptions().setAll(
        new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty()),
      );
      options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
      const call = stub.read(new streams.ReadReq().setOptions(options));
      call.on('error', () => undefined);
      return call;
    });
    await Promise.all(calls.map((call) => new Promise((done) => call.once('readable', done))));
    for (const round of range(0, 50)) {
      await client.appendToStream(`Live-${round}`, numberedEvents(100), { expectedRevision: NO_STREAM });
    }
    expect((await ownMemoryMib()) - freshMib).toBeLessThan(GROWTH_LIMIT_MIB);
    for (const call of calls) call.cancel();
  });

  it('opens as fast as an empty one', async () => {
    await devstore.kill('SIGTERM');
    const empty = await timeToOpenMs({});
    const large = await timeToOpenMs({ dataDir: devstore.dataDir });
    expect(large - empty, `${large} ms instead of ${empty} ms`).toBeLessThan(OPEN_LIMIT_MS);
  });
});
