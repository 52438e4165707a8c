/**
 * One subscription of the client, from its opening to its loss, turned from a stream that pushes into a
 * bounded buffer that is emptied. It never mends itself: its successor begins where the consumer has
 * confirmed.
 */
import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  type Position,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { translateError } from '../client-errors.ts';
import type { Generation } from '../connection.ts';
import { EventStoreError } from '../errors.ts';
import { toClientPosition } from '../read.ts';
import { type StoredEvent, toStoredEvent } from '../stored-event.ts';
import { createWatch } from './watch.ts';

/** Times the server's window of 32: how many events it passes over before it tells how far it is. */
const CHECKPOINT_WINDOWS = 8;

export type SubscriptionFilter =
  | { readonly streamPrefixes: readonly string[] }
  | { readonly eventTypes: readonly string[] };

export type SessionOptions = {
  readonly generation: Generation;
  /** Exclusive: the first event is the one after it. */
  readonly from: 'start' | bigint;
  /** None means every event but the system's own. */
  readonly filter: SubscriptionFilter | undefined;
  readonly bufferMaxEvents: number;
  /** Longest wait for the server to confirm the subscription. */
  readonly confirmTimeoutMs: number;
};

export type Session = {
  /** Resolves when there is something to take, `isLive` may have changed, or the session is over. */
  readonly available: () => Promise<void>;
  /** Resolves when the buffer has at least so many events, the session is over, or the signal fires. */
  readonly filled: (events: number, signal: AbortSignal) => Promise<void>;
  readonly take: (maxEvents: number) => StoredEvent[];
  /** How far the server has looked beyond what has been taken; undefined while something is left to take. */
  readonly checkpoint: () => bigint | undefined;
  readonly bufferedEvents: () => number;
  /** True when the server has nothing more and everything was taken. */
  readonly isLive: () => boolean;
  /** Why it is over. */
  readonly failure: () => EventStoreError | undefined;
  readonly close: () => void;
};

export function openSession(options: SessionOptions): Session {
  const { generation, from, bufferMaxEvents } = options;
  const { notify, until } = createWatch();
  const buffer: StoredEvent[] = [];
  let last = from === 'start' ? -1n : from;
  let checkpoint: bigint | undefined;
  let caughtUp = false;
  let changed = false;
  let failure: EventStoreError | undefined;
  const subscription = generation.client.subscribeToAll({
    fromPosition: from === 'start' ? START : toClientPosition(from),
    filter: clientFilter(options.filter, (position) => {
      checkpoint = position;
      notify();
    }),
  });
  const end = (error: EventStoreError): void => {
    if (failure !== undefined) return;
    failure = error;
    stopListening();
    subscription.unsubscribe().catch(() => undefined);
    notify();
  };
  const stopListening = listen(subscription, options, {
    event: (stored) => {
      // A server that repeats itself must not make us repeat ourselves.
      if (failure !== undefined || stored.position <= last) return;
      last = stored.position;
      buffer.push(stored);
      if (buffer.length >= bufferMaxEvents) subscription.pause();
      notify();
    },
    caughtUp: (now) => {
      caughtUp = now;
      changed = true;
      notify();
    },
    end,
  });
  if (generation.lost.aborted) end(lossOf(generation));

  const tookAll = (): boolean => buffer.length === 0 && subscription.readableLength === 0;
  const freshCheckpoint = (): bigint | undefined =>
    checkpoint !== undefined && checkpoint > last && tookAll() ? checkpoint : undefined;
  return {
    available: () =>
      until(() => buffer.length > 0 || failure !== undefined || changed || freshCheckpoint() !== undefined),
    filled: (events, signal) => until(() => buffer.length >= events || failure !== undefined, signal),
    take: (maxEvents) => {
      const taken = buffer.splice(0, maxEvents);
      changed = false;
      if (taken.length > 0) generation.heard();
      if (failure === undefined && buffer.length < bufferMaxEvents / 2) subscription.resume();
      return taken;
    },
    checkpoint: () => {
      const fresh = freshCheckpoint();
      if (fresh !== undefined) last = fresh;
      return fresh;
    },
    bufferedEvents: () => buffer.length,
    isLive: () => caughtUp && tookAll(),
    failure: () => failure,
    close: () => end(new EventStoreError('closed', 'The subscription was stopped.')),
  };
}

type Listener = {
  readonly event: (stored: StoredEvent) => void;
  readonly caughtUp: (now: boolean) => void;
  readonly end: (error: EventStoreError) => void;
};

const lossOf = ({ lost }: Generation): EventStoreError => translateError(lost.reason, 'The subscription');

/** Answers how to stop listening for the loss of the client and for a confirmation that does not come. */
function listen(
  subscription: AllStreamSubscription,
  { generation, confirmTimeoutMs }: SessionOptions,
  listener: Listener,
): () => void {
  const onLost = (): void => listener.end(lossOf(generation));
  const unconfirmed = setTimeout(() => {
    listener.end(new EventStoreError('timed-out', 'The event store does not confirm the subscription.'));
  }, confirmTimeoutMs);
  generation.lost.addEventListener('abort', onLost);
  subscription.on('confirmation', () => {
    clearTimeout(unconfirmed);
    generation.heard();
  });
  subscription.on('data', ({ event, commitPosition }: AllStreamResolvedEvent) => {
    if (event !== undefined) listener.event(toStoredEvent(event, commitPosition));
  });
  subscription.on('caughtUp', () => listener.caughtUp(true));
  subscription.on('fellBehind', () => listener.caughtUp(false));
  subscription.on('error', (error: Error) => listener.end(translateError(error, 'The subscription')));
  subscription.on('end', () => {
    listener.end(new EventStoreError('unavailable', 'The server ended the subscription.'));
  });
  return () => {
    clearTimeout(unconfirmed);
    generation.lost.removeEventListener('abort', onLost);
  };
}

/** The handler must not throw: the client would wait for ever. */
function clientFilter(
  filter: SubscriptionFilter | undefined,
  onCheckpoint: (position: bigint) => void,
): Filter {
  const common = {
    checkpointInterval: CHECKPOINT_WINDOWS,
    checkpointReached: (_: unknown, position: Position): void => onCheckpoint(position.commit),
  };
  if (filter === undefined) return excludeSystemEvents(common);
  if ('streamPrefixes' in filter)
    return streamNameFilter({ ...common, prefixes: [...filter.streamPrefixes] });
  const types = filter.eventTypes.map((type) => type.replace(/[^A-Za-z0-9_]/g, '\\$&'));
  return eventTypeFilter({ ...common, regex: `^(?:${types.join('|')})$` });
}
