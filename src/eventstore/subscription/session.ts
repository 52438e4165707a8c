/**
 * One subscription of the client, from its opening to its loss, turned from a stream that pushes into a
 * bounded buffer that is emptied. It never mends itself: its successor begins where the consumer has
 * confirmed.
 */
import { convertToCommandError } from '@eventstore/db-client';
import { cancelRead, openRead, type Read } from '../client.ts';
import { translateError } from '../client-errors.ts';
import type { Generation } from '../connection.ts';
import { EventStoreError } from '../errors.ts';
import { type SubscriptionFilter, subscriptionRequest } from '../read-request.ts';
import type { ReadResponse } from '../read-response.ts';
import type { StoredEvent } from '../stored-event.ts';
import { createWatch } from './watch.ts';

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
  let read: Read | undefined;
  const reading = openRead(generation.client, subscriptionRequest(from, options.filter));
  const end = (error: EventStoreError): void => {
    if (failure !== undefined) return;
    failure = error;
    stopListening();
    cancelRead(reading);
    notify();
  };
  const take = (response: ReadResponse): void => {
    if (failure !== undefined) return;
    if (typeof response === 'string') {
      if (response !== 'caught-up' && response !== 'fell-behind') return;
      caughtUp = response === 'caught-up';
      changed = true;
    } else if ('checkpoint' in response) {
      checkpoint = response.checkpoint;
    } else {
      // A server that repeats itself must not make us repeat ourselves.
      if (response.position <= last) return;
      last = response.position;
      buffer.push(response);
      if (buffer.length >= bufferMaxEvents) read?.pause();
    }
    notify();
  };
  const stopListening = listen(reading, options, {
    take,
    end,
    opened: (opened) => {
      read = opened;
    },
  });
  if (generation.lost.aborted) end(lossOf(generation));

  const tookAll = (): boolean => buffer.length === 0 && (read?.readableLength ?? 0) === 0;
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
      if (failure === undefined && buffer.length < bufferMaxEvents / 2) read?.resume();
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
  readonly opened: (read: Read) => void;
  readonly take: (response: ReadResponse) => void;
  readonly end: (error: EventStoreError) => void;
};

const lossOf = ({ lost }: Generation): EventStoreError => translateError(lost.reason, 'The subscription');

/** Answers how to stop listening for the loss of the client and for a confirmation that does not come. */
function listen(
  reading: Promise<Read>,
  { generation, confirmTimeoutMs }: SessionOptions,
  { opened, take, end }: Listener,
): () => void {
  const onLost = (): void => end(lossOf(generation));
  const unconfirmed = setTimeout(() => {
    end(new EventStoreError('timed-out', 'The event store does not confirm the subscription.'));
  }, confirmTimeoutMs);
  generation.lost.addEventListener('abort', onLost);
  const onData = (response: ReadResponse): void => {
    if (response === 'confirmed') {
      clearTimeout(unconfirmed);
      generation.heard();
    }
    take(response);
  };
  const onError = (error: unknown): void => {
    end(translateError(error instanceof Error ? convertToCommandError(error) : error, 'The subscription'));
  };
  const onEnd = (): void => end(new EventStoreError('unavailable', 'The server ended the subscription.'));
  reading.then((read) => {
    opened(read);
    read.on('data', onData).on('end', onEnd).on('error', onError);
  }, onError);
  return () => {
    clearTimeout(unconfirmed);
    generation.lost.removeEventListener('abort', onLost);
  };
}
