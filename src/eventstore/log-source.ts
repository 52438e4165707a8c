/** The log as consumers of known events read it: one filtered subscription to `$all`, every event decoded once. */
import type { Codec, Decoded } from './codec.ts';
import { CorruptEventError } from './errors.ts';
import type { SubscriptionFilter } from './read-request.ts';
import type { EventStore } from './store.ts';
import type { StoredEvent } from './stored-event.ts';
import type { SubscriptionState } from './subscription/state.ts';

/** A batch that its consumer cannot take now is offered again for as long as it takes. */
const UNTIL_IT_WORKS = Number.MAX_SAFE_INTEGER;
/** Somebody may be waiting for what a batch brings, when a store comes back. */
const CONSUMER_BACKOFF = { firstMs: 200, maxMs: 5_000 };
const BATCH_MAX_EVENTS = 500;
/** So that the next batch arrives while one is being applied. */
const BATCHES_BUFFERED = 2;

export type LogEntry<Event> =
  | Extract<Decoded<Event>, { readonly kind: 'event' }>
  /** Its data is not what its type says: whoever wants it has to stop at it. */
  | { readonly kind: 'corrupt'; readonly event: StoredEvent; readonly error: CorruptEventError };

export type LogBatch<Event> = {
  readonly events: readonly LogEntry<Event>[];
  /** Everything up to here has been seen, matching or not. */
  readonly position: bigint;
};

export type LogSource<Event> = {
  /** Begins behind `from`, and behind the last batch that was taken after every loss. */
  readonly start: (
    from: bigint | 'start',
    onBatch: (batch: LogBatch<Event>) => Promise<void>,
  ) => RunningSource;
};

export type RunningSource = {
  readonly state: () => SourceState;
  readonly stop: () => Promise<void>;
};

/** `live` once everything in the log was taken, until the connection is lost. */
export type SourceState = Pick<SubscriptionState, 'status' | 'bufferedEvents' | 'lastError'>;

/** The server sends what fits the filter, and nothing else is decoded. */
export type LogSourceOptions = SubscriptionFilter & {
  /** For spans and states. */
  readonly name: string;
  /** What has arrived meanwhile is handed over together, up to this; 500 unless given. */
  readonly batchMaxEvents?: number;
  /** How long a batch waits for more, in ms; 0 where somebody waits for each event. */
  readonly batchMaxWaitMs?: number;
  /** The same while much arrives; as `batchMaxWaitMs` unless given. */
  readonly busyBatchMaxWaitMs?: number;
};

export function logSource<Event extends { readonly type: string }>(
  store: Pick<EventStore, 'subscribeToAll'>,
  codec: Codec<Event>,
  options: LogSourceOptions,
): LogSource<Event> {
  const { name, batchMaxEvents = BATCH_MAX_EVENTS, batchMaxWaitMs, busyBatchMaxWaitMs } = options;
  const filter =
    'eventTypes' in options ? { eventTypes: options.eventTypes } : { streamPrefixes: options.streamPrefixes };
  return {
    start: (from, onBatch) =>
      store.subscribeToAll({
        name,
        filter,
        from,
        batchMaxEvents,
        ...(batchMaxWaitMs !== undefined && { batchMaxWaitMs }),
        ...(busyBatchMaxWaitMs !== undefined && { busyBatchMaxWaitMs }),
        bufferMaxEvents: BATCHES_BUFFERED * batchMaxEvents,
        consumerMaxRetries: UNTIL_IT_WORKS,
        consumerBackoff: CONSUMER_BACKOFF,
        onBatch: ({ events, position }) =>
          onBatch({ events: events.flatMap((stored) => entriesOf(codec, stored)), position }),
      }),
  };
}

/** None for a type of a later release: nobody in this one can want it. */
function entriesOf<Event extends { readonly type: string }>(
  codec: Codec<Event>,
  stored: StoredEvent,
): readonly LogEntry<Event>[] {
  try {
    const decoded = codec.decode(stored);
    return decoded.kind === 'event' ? [decoded] : [];
  } catch (error) {
    if (!(error instanceof CorruptEventError)) throw error;
    return [{ kind: 'corrupt', event: stored, error }];
  }
}
