/** How far behind, counted in a real log: what is counted exactly, and where counting ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogTail } from '../../../src/cli/projections/log-tail.ts';
import {
  createCodec,
  defineEvent,
  type EventOf,
  type EventStore,
  openEventStore,
  streamName,
} from '../../../src/eventstore/index.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { type Devstore, startDevstore } from '../../support/devstore-process.ts';

const specs = ['Wanted', 'Other'] as const;
const codec = createCodec(
  specs.map((type) => defineEvent({ type, version: 1, schema: z.object({ number: z.number() }) })),
);
type Event = EventOf<ReturnType<typeof defineEvent<'Wanted' | 'Other', { number: number }>>>;
const wanted = new Set(['Wanted']);
let devstore: Devstore;
let store: EventStore;

beforeAll(async () => {
  devstore = await startDevstore();
  store = openEventStore({ connectionString: devstore.url });
});
afterAll(async () => {
  await store.close();
  await devstore.close();
});

/** Appends these, and answers their positions. */
const append = async (...types: readonly Event['type'][]): Promise<readonly bigint[]> => {
  const log = createStreamLog(store, codec);
  const stream = streamName('Tail', randomUUID());
  const cause = { commandId: randomUUID(), correlationId: 'test', actor: 'test' };
  const events = types.map((type, number): Event => ({ type, data: { number } }));
  await log.append(stream, 'no_stream', log.encode(stream, events, cause, cause.commandId));
  const page = await store.readPage(stream);
  return page.kind === 'events' ? page.events.map(({ position }) => position) : [];
};

let before: bigint;
beforeEach(async () => {
  [before = -1n] = (await append('Other')).slice(-1);
});

it('Only events of the types that are wanted and behind the position count', async () => {
  const positions = await append('Wanted', 'Other', 'Wanted', 'Wanted');
  const tail = createLogTail(store.readAllPage);
  await tail.look(before);
  expect(tail.behind(before, wanted)).toMatchObject({ events: 3, isExact: true });
  expect(tail.behind(positions[0] ?? -1n, wanted)).toMatchObject({ events: 2, isExact: true });
  expect(tail.behind(positions[3] ?? -1n, wanted)).toEqual({
    ...{ events: 0, isExact: true, oldestRecordedAtMs: undefined },
  });
  expect(tail.end()).toBe(positions[3]);
});

it('A later look counts what has come since', async () => {
  const tail = createLogTail(store.readAllPage);
  await tail.look(before);
  expect(tail.behind(before, wanted).events).toBe(0);
  const [first] = await append('Wanted', 'Wanted');
  await tail.look(before);
  const behind = tail.behind(before, wanted);
  expect(behind).toMatchObject({ events: 2, isExact: true });
  const [event] = await store.readAllPage({ from: first ?? 0n, maxCount: 1 });
  expect(behind.oldestRecordedAtMs).toBe(event?.recordedAtMs);
});

it('A later look goes further back where somebody stands further back', async () => {
  const positions = await append('Wanted', 'Wanted');
  const tail = createLogTail(store.readAllPage);
  await tail.look(positions[1] ?? -1n);
  await tail.look(-1n);
  expect(tail.behind(before, wanted)).toMatchObject({ events: 2, isExact: true });
  expect(tail.behind(-1n, wanted).isExact).toBe(true);
});

it('What is further back than there is room for is counted as at least so many', async () => {
  const positions = await append('Wanted', 'Wanted', 'Wanted', 'Wanted');
  const tail = createLogTail(store.readAllPage, 3);
  await tail.look(before);
  await tail.look(before);
  expect(tail.behind(before, wanted)).toMatchObject({ events: 3, isExact: false });
  expect(tail.behind(positions[1] ?? -1n, wanted)).toMatchObject({ events: 2, isExact: true });
});

it('A look ends early when its signal fires', async () => {
  await append('Wanted');
  const reason = new Error('Enough.');
  await expect(createLogTail(store.readAllPage).look(-1n, AbortSignal.abort(reason))).rejects.toBe(reason);
});
