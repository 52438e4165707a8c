/**
 * What the benchmark measures: the ways in which a program appends to and reads from an event store. Every
 * round has stream names of its own, so that a server that keeps its data can be measured again and again.
 */
import { randomUUID } from 'node:crypto';
import {
  type EventData,
  type EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type Position,
} from '@eventstore/db-client';

/** With its field's name and quotes, the data of an event is 500 bytes of JSON. */
const DATA = { text: 'x'.repeat(489) };
const BATCH_EVENTS = 1_000;
const IN_FLIGHT = 500;

export type StepContext = {
  readonly client: EventStoreDBClient;
  /** Part of every stream's name in this round. */
  readonly round: string;
  /** Where `$all` stood before the round. */
  readonly startedAt: Position;
  /** Takes the duration of one operation. */
  readonly onLatencyMs: (latencyMs: number) => void;
  readonly signal: AbortSignal;
};

export type Step = {
  readonly name: string;
  /** Operations or events, whichever the rate is told in. */
  readonly count: number;
  readonly unit: 'appends' | 'events' | 'reads';
  readonly run: (context: StepContext, count: number) => Promise<void>;
};

const event = (): EventData => jsonEvent({ id: randomUUID(), type: 'Measured', data: DATA });

const timed = async <T>({ onLatencyMs, signal }: StepContext, work: () => Promise<T>): Promise<T> => {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const result = await work();
  onLatencyMs(performance.now() - startedAt);
  return result;
};

/** Where `$all` stands: the position of an event written for the purpose. */
export const markPosition = async (client: EventStoreDBClient): Promise<Position> => {
  const { position } = await client.appendToStream(`Bench-mark-${randomUUID()}`, event());
  if (position === undefined) throw new Error('the server gave no position for an append');
  return position;
};

const appendOneByOne = async (context: StepContext, stream: string, count: number): Promise<void> => {
  for (let index = 0; index < count; index++) {
    const expectedRevision = index === 0 ? NO_STREAM : BigInt(index - 1);
    await timed(context, () => context.client.appendToStream(stream, event(), { expectedRevision }));
  }
};

/** As many writers as are to be in flight, each with a stream of its own and the next revision in hand. */
export const appendInFlight = async (context: StepContext, count: number): Promise<void> => {
  const writers = Array.from({ length: IN_FLIGHT }, (_, index) =>
    appendOneByOne(context, `Bench-${context.round}-flight-${index}`, count / IN_FLIGHT),
  );
  await Promise.all(writers);
};

const batchStream = ({ round }: StepContext): string => `Bench-${round}-batch`;

const appendBatches = async (context: StepContext, count: number): Promise<void> => {
  for (let written = 0; written < count; written += BATCH_EVENTS) {
    const events = Array.from({ length: BATCH_EVENTS }, event);
    const expectedRevision = written === 0 ? NO_STREAM : BigInt(written - 1);
    await timed(context, () =>
      context.client.appendToStream(batchStream(context), events, { expectedRevision }),
    );
  }
};

const drain = async (read: AsyncIterable<unknown>, count: number, signal: AbortSignal): Promise<void> => {
  let seen = 0;
  for await (const _ of read) {
    seen++;
    signal.throwIfAborted();
  }
  if (seen !== count) throw new Error(`read ${seen} events where ${count} were asked for`);
};

const readStream = (context: StepContext, count: number): Promise<void> =>
  drain(context.client.readStream(batchStream(context), { maxCount: count }), count, context.signal);

export const readAll = ({ client, startedAt, signal }: StepContext, count: number): Promise<void> =>
  drain(client.readAll({ fromPosition: startedAt, maxCount: count }), count, signal);

export const subscribe = async ({ client, startedAt, signal }: StepContext, count: number): Promise<void> => {
  const subscription = client.subscribeToAll({ fromPosition: startedAt });
  let seen = 0;
  try {
    for await (const _ of subscription) {
      signal.throwIfAborted();
      if (++seen === count) return;
    }
    throw new Error(`the subscription ended after ${seen} of ${count} events`);
  } finally {
    await subscription.unsubscribe();
  }
};

const readOneByOne = async (context: StepContext, count: number): Promise<void> => {
  const { client, signal } = context;
  for (let index = 0; index < count; index++) {
    const from = { fromRevision: BigInt(index), maxCount: 1 };
    await timed(context, () => drain(client.readStream(batchStream(context), from), 1, signal));
  }
};

/** In this order: the reads read what the appends of their round wrote. */
export const STEPS: readonly Step[] = [
  {
    name: 'sequential appends',
    count: 1_000,
    unit: 'appends',
    run: (context, count) => appendOneByOne(context, `Bench-${context.round}-single`, count),
  },
  { name: '500 appends in flight', count: 10_000, unit: 'appends', run: appendInFlight },
  { name: 'appends of 1000 events', count: 20_000, unit: 'events', run: appendBatches },
  { name: 'read a stream', count: 20_000, unit: 'events', run: readStream },
  { name: 'read $all', count: 20_000, unit: 'events', run: readAll },
  { name: 'subscription from start', count: 20_000, unit: 'events', run: subscribe },
  { name: 'single-event reads', count: 1_000, unit: 'reads', run: readOneByOne },
];
