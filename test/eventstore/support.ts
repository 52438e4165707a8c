/**
 * The events of the wrapper's own tests, and a store that is closed when its test ends.
 */
import { randomUUID } from 'node:crypto';
import type { ResolvedEvent } from '@eventstore/db-client';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  createCodec,
  type Decoded,
  defineEvent,
  type EncodedEvent,
  type EventContext,
  type EventOf,
  type EventStore,
  type EventStoreOptions,
  encodeEvents,
  openEventStore,
  type StoredEvent,
  type StreamName,
  type SubscribeOptions,
  type Subscription,
  type SubscriptionState,
  streamName,
} from '../../src/eventstore/index.ts';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';

const counted = defineEvent({
  type: 'Counted',
  version: 1,
  schema: z.object({ number: z.number().int(), pad: z.string().optional() }),
});
export const codec = createCodec([counted]);
type Counted = EventOf<typeof counted>;

export const uniqueStream = (category = 'Wrapper'): StreamName => streamName(category, randomUUID());

export function contextOf(causationId: string): EventContext {
  return { correlationId: `correlation-${causationId}`, causationId, actor: 'test' };
}

/** One event per number, all of one cause. */
export function countedEvents(stream: StreamName, causationId: string, ...numbers: number[]): EncodedEvent[] {
  const events = numbers.map((number): Counted => ({ type: 'Counted', data: { number } }));
  return encodeEvents(codec, stream, events, contextOf(causationId));
}

export function openForTest(connectionString: string, options: Partial<EventStoreOptions> = {}): EventStore {
  const store = openEventStore({ connectionString, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A server that the test may kill or freeze; gone when the test ends. */
export async function devstoreForTest(): Promise<Devstore> {
  const devstore = await startDevstore();
  onTestFinished(() => devstore.close());
  return devstore;
}

export function numberOf(stored: StoredEvent): number {
  const decoded: Decoded<Counted> = codec.decode(stored);
  if (decoded.kind === 'unknown') throw new Error(`Not counted: ${stored.type}`);
  return decoded.event.data.number;
}

export async function readNumbers(store: EventStore, stream: StreamName): Promise<number[]> {
  const numbers: number[] = [];
  for await (const page of store.read(stream)) numbers.push(...page.map(numberOf));
  return numbers;
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

export type Follower = {
  readonly subscription: Subscription;
  readonly seen: StoredEvent[];
  readonly positions: bigint[];
  readonly statuses: SubscriptionState['status'][];
  /** Resolves when the condition holds; looked at after every batch and every change of status. */
  until(condition: () => boolean): Promise<void>;
};

/** Collects what is confirmed; `onBatch` runs before, and a batch that it refuses is not collected. */
export function followAll(
  store: EventStore,
  options: Omit<SubscribeOptions, 'onBatch' | 'name'> & Partial<SubscribeOptions>,
): Follower {
  const seen: StoredEvent[] = [];
  const positions: bigint[] = [];
  const statuses: SubscriptionState['status'][] = [];
  let waiting: { condition: () => boolean; done: () => void }[] = [];
  const look = (): void => {
    for (const { done } of waiting.filter(({ condition }) => condition())) done();
    waiting = waiting.filter(({ condition }) => !condition());
  };
  const subscription = store.subscribeToAll({
    name: 'follower',
    ...options,
    onBatch: async (batch) => {
      await options.onBatch?.(batch);
      seen.push(...batch.events);
      positions.push(batch.position);
      look();
    },
    onStatus: (state) => {
      statuses.push(state.status);
      look();
    },
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((done) => {
      waiting.push({ condition, done });
      look();
    });
  return { subscription, seen, positions, statuses, until };
}

/** What the client itself makes of an event. */
export const fromClient = ({ event, commitPosition }: ResolvedEvent): StoredEvent | undefined =>
  event && {
    id: event.id,
    stream: event.streamId,
    revision: event.revision,
    position: event.position?.commit ?? commitPosition ?? 0n,
    recordedAtMs: event.created.getTime(),
    type: event.type,
    data: event.data,
    metadata: event.metadata,
  };
