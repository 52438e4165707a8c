/**
 * Disks flip bits and LMDB does not notice. Whatever byte of a stored record is flipped, the server must either still
 * serve exactly what was appended, or refuse and say which record is bad; it must never serve anything else.
 */
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AllStreamResolvedEvent,
  EventStoreDBClient,
  jsonEvent,
  type ReadableSubscription,
  type RecordedEvent,
  type ResolvedEvent,
  StreamNotFoundError,
  streamNameFilter,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDevstore } from '../support/devstore-process.ts';
import { follow } from '../support/follow.ts';
import { printedRandom } from '../support/random.ts';
import { eventOf, failureOf, numberedEvents, numbersOf, positionOf, readWhole } from '../support/streams.ts';

const STREAM = 'Victim-StreamMarkerQ7';
const OTHER = 'Bystander-1';
const BAD = 2n;
const MARKERS = {
  'event data': 'DataMarkerK3',
  'custom metadata': 'MetadataMarkerZ9',
  'event type': 'TypeMarkerW5',
  'stream name': 'StreamMarkerQ7',
} as const;
const SAMPLES = 5;
/** Markers this close to each other are in one page of the data file. */
const NEAR_BYTES = 600;

type Place = { readonly file: string; readonly offset: number };
type Outcome = { readonly served: readonly RecordedEvent[]; readonly refusal: Error | undefined };

let original = '';
let stored: readonly RecordedEvent[];

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'seatlog-corruption-'));
  const devstore = await startDevstore({ dataDir: original });
  const client = EventStoreDBClient.connectionString(devstore.url);
  await client.appendToStream(OTHER, numberedEvents(3));
  await client.appendToStream(STREAM, numberedEvents(2));
  const marked = jsonEvent({
    type: MARKERS['event type'],
    data: { text: MARKERS['event data'] },
    metadata: { text: MARKERS['custom metadata'] },
  });
  await client.appendToStream(STREAM, marked);
  await client.appendToStream(STREAM, numberedEvents(2, 'Numbered', 3));
  stored = (await readWhole(client, STREAM)).map(eventOf);
  await devstore.kill('SIGTERM');
});

afterAll(() => rm(original, { recursive: true, force: true }));

/** Every place of the text in every data file, as file and offset. */
async function placesOf(text: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const file of await readdir(original)) {
    if (!(await stat(join(original, file))).isFile()) continue;
    const bytes = await readFile(join(original, file));
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1))
      places.push({ file, offset: at });
  }
  return places;
}

/** A server on a copy of the data in which these bytes are flipped; undefined when it refuses to start. */
async function serveFlipped(
  flips: readonly Place[],
): Promise<EventStoreDBClient | { readonly refusedToStart: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'seatlog-flipped-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  for (const file of await readdir(original)) await copyFile(join(original, file), join(dataDir, file));
  for (const { file, offset } of flips) {
    const bytes = await readFile(join(dataDir, file));
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x01;
    await writeFile(join(dataDir, file), bytes);
  }
  try {
    const devstore = await startDevstore({ dataDir });
    onTestFinished(() => devstore.close());
    return EventStoreDBClient.connectionString(devstore.url);
  } catch (error) {
    return { refusedToStart: String(error) };
  }
}

async function drain(read: AsyncIterable<ResolvedEvent | AllStreamResolvedEvent>): Promise<Outcome> {
  const served: RecordedEvent[] = [];
  try {
    for await (const entry of read) served.push(eventOf(entry));
  } catch (error) {
    return { served, refusal: error instanceof Error ? error : new Error(String(error)) };
  }
  return { served, refusal: undefined };
}

async function watch(
  subscription: ReadableSubscription<ResolvedEvent | AllStreamResolvedEvent>,
): Promise<Outcome> {
  const follower = follow(subscription);
  await follower.count(stored.length).catch(() => undefined);
  return { served: follower.events.map(eventOf), refusal: follower.failure };
}

const readsOf = (client: EventStoreDBClient): Record<string, () => Promise<Outcome>> => ({
  'a stream read': () => drain(client.readStream(STREAM)),
  'a backwards stream read': () =>
    drain(client.readStream(STREAM, { direction: 'backwards', fromRevision: 'end' })),
  'a read of $all': () => drain(client.readAll({ fromPosition: positionOf(stored[0] ?? {}) })),
  'a subscription to the stream': () => watch(client.subscribeToStream(STREAM)),
  'a subscription to $all': () =>
    watch(client.subscribeToAll({ filter: streamNameFilter({ prefixes: [STREAM] }) })),
});

/** Right or refused: everything served is exactly as appended, and what is not served is refused by name. */
function expectRightOrRefused({ served, refusal }: Outcome, what: string): void {
  for (const event of served) {
    const truth = stored.find(({ revision }) => revision === event.revision);
    expect(event, `${what} served something wrong`).toEqual(truth);
  }
  if (!refusal) {
    expect(served, `${what} left something out without saying so`).toHaveLength(stored.length);
    return;
  }
  expect(refusal, `${what} says that nothing was ever there`).not.toBeInstanceOf(StreamNotFoundError);
  const positions = stored.map((event) => `${positionOf(event).commit}`);
  const named = [STREAM, ...positions].some((name) => refusal.message.includes(name));
  expect(named, `${what} does not name the bad record: ${refusal.message}`).toBe(true);
}

/** Reads in every way from a server on flipped data, and says how many of these reads were refused. */
async function refusalsWith(flips: readonly Place[]): Promise<number> {
  const client = await serveFlipped(flips);
  if ('refusedToStart' in client) return 1;
  let refusals = 0;
  for (const [name, read] of Object.entries(readsOf(client))) {
    const outcome = await read();
    expectRightOrRefused(outcome, `${name} with flips at ${JSON.stringify(flips)}`);
    if (outcome.refusal) refusals += 1;
  }
  return refusals;
}

describe('A flipped byte', () => {
  it.each(Object.entries(MARKERS))(
    'in the %s of a record is detected, named and never served',
    async (_what, text) => {
      const places = await placesOf(text);
      expect(places.length, 'places in the data files').toBeGreaterThan(0);
      expect(await refusalsWith(places), 'refused reads').toBeGreaterThan(0);
    },
  );

  it('in one of the places of a stream name, be it in a record or in an index, is detected or harmless', async () => {
    const random = printedRandom();
    const places = await placesOf(STREAM);
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const place = places[random.between(0, places.length - 1)];
      if (place) await refusalsWith([place]);
    }
  });

  it('leaves the events before and after it, other streams and appends working', async () => {
    const client = await serveFlipped(await placesOf(MARKERS['event data']));
    if ('refusedToStart' in client) throw new Error(client.refusedToStart);
    const error = await failureOf(readWhole(client, STREAM));
    expect(error.message).toContain(STREAM);
    expect(error.message).toContain(`${BAD}`);
    expect(numbersOf(await readWhole(client, STREAM, { maxCount: 2 }))).toEqual([0, 1]);
    expect(numbersOf(await readWhole(client, STREAM, { fromRevision: 3n }))).toEqual([3, 4]);
    expect(numbersOf(await readWhole(client, OTHER))).toEqual([0, 1, 2]);
    await client.appendToStream(OTHER, numberedEvents(1, 'Numbered', 3), { expectedRevision: 2n });
    await client.appendToStream(STREAM, numberedEvents(1, 'Numbered', 5), { expectedRevision: 4n });
  });

  it.each([
    ['anywhere in a record', [MARKERS['event data'], MARKERS['custom metadata'], MARKERS['event type']]],
    ['in or between the records of a stream', Object.values(MARKERS)],
  ])('%s is detected or harmless', async (_where, bounds) => {
    const random = printedRandom();
    const anchors = await placesOf(MARKERS['event data']);
    const places = (await Promise.all(bounds.map(placesOf))).flat();
    for (let flip = 0; flip < SAMPLES; flip += 1) {
      const flips = anchors.map(({ file, offset }) => {
        const near = places
          .filter((place) => place.file === file && Math.abs(place.offset - offset) < NEAR_BYTES)
          .map((place) => place.offset);
        return { file, offset: random.between(Math.min(...near), Math.max(...near)) };
      });
      await refusalsWith(flips);
    }
  });
});
