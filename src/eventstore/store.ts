/**
 * The event store as the engine sees it: one object per process, over one client at a time.
 */
import { type AppendOptions, type AppendOutcome, append, type ExpectedRevision } from './append.ts';
import { createConnection } from './connection.ts';
import type { EncodedEvent } from './encode.ts';
import { createLimiter } from './limiter.ts';
import type { StreamName } from './names.ts';
import { pagesBackwards, pagesForwards } from './pages.ts';
import { MAX_PAGE_EVENTS, type ReadPage, readAllPage, readStreamPage, type StreamPage } from './read.ts';
import type { StoredEvent } from './stored-event.ts';
import { type SubscribeOptions, type Subscription, subscribe } from './subscription/subscription.ts';
import { systemTiming, type Timing } from './timing.ts';

const SECOND_MS = 1_000;
const MIB = 1_024 * 1_024;
/** A connection carries 100 calls: these, the subscriptions, and one for all appends. */
const MAX_CONCURRENT_READS = 64;
const MAX_WAITING_READS = 10_000;
const MAX_SUBSCRIPTIONS = 30;
const READ_MAX_ATTEMPTS = 5;
/** More than fit into any sensible total time-out, which is the bound that counts. */
const APPEND_MAX_ATTEMPTS = 100;

export type EventStoreOptions = {
  /** `esdb://…` or `esdb+discover://…`, as the client takes it. */
  readonly connectionString: string;
  /** Longest time an append takes with all its repetitions; 8 s unless given. */
  readonly appendTimeoutMs?: number;
  /** Longest silence of the server while an append waits for its answer; 2 s unless given. */
  readonly appendAttemptTimeoutMs?: number;
  /** Largest append sent; what servers allow unless told otherwise: 1 MiB. */
  readonly appendMaxBytes?: number;
  /** Longest silence in a read, and until a subscription is confirmed; 5 s unless given. */
  readonly readTimeoutMs?: number;
  /** Longest wait for the server's first answer on a new connection; 3 s unless given. */
  readonly connectTimeoutMs?: number;
  readonly timing?: Timing;
};

/** Every method may throw `EventStoreError`. */
export type EventStore = {
  /** All or nothing, durable when it resolves, safe to repeat. `events` come from `encodeEvents`. */
  readonly append: (
    stream: StreamName,
    expectedRevision: ExpectedRevision,
    events: readonly EncodedEvent[],
  ) => Promise<AppendOutcome>;
  readonly readPage: (stream: StreamName, page?: ReadPage) => Promise<StreamPage>;
  /** Pages from `from` on, in stream order, to the end of the stream; nothing for a missing stream. */
  readonly read: (
    stream: StreamName,
    from?: bigint,
    pageMaxEvents?: number,
  ) => AsyncIterable<readonly StoredEvent[]>;
  /** Pages against stream order, beginning with the last event, or at `from`. */
  readonly readBackwards: (
    stream: StreamName,
    from?: bigint,
    pageMaxEvents?: number,
  ) => AsyncIterable<readonly StoredEvent[]>;
  readonly lastEvent: (stream: StreamName) => Promise<StoredEvent | undefined>;
  readonly readAllPage: (page?: ReadPage) => Promise<readonly StoredEvent[]>;
  readonly subscribeToAll: (options: SubscribeOptions) => Subscription;
  /** Resolves when the server answers. For health checks. */
  readonly ping: () => Promise<void>;
  /** Stops the subscriptions, fails what is in flight, closes the connection. */
  readonly close: () => Promise<void>;
};

let isOpen = false;

/**
 * Opens the event store of this process; does not wait for the server. Throws while another one is open: the
 * client's pending appends are one list for the whole process, and an error on one client rejects those of
 * all.
 */
export function openEventStore(options: EventStoreOptions): EventStore {
  if (isOpen) throw new Error('This process has an open event store: pass that one on.');
  const timing = options.timing ?? systemTiming;
  const readTimeoutMs = options.readTimeoutMs ?? 5 * SECOND_MS;
  const connection = createConnection({
    connectionString: options.connectionString,
    connectTimeoutMs: options.connectTimeoutMs ?? 3 * SECOND_MS,
    timing,
  });
  isOpen = true;
  const appends = { connection, timing, options: appendOptions(options) };
  const reads = {
    connection,
    timing,
    limiter: createLimiter(MAX_CONCURRENT_READS, MAX_WAITING_READS),
    options: { idleTimeoutMs: readTimeoutMs, maxAttempts: READ_MAX_ATTEMPTS },
  };
  const subscriptions = new Set<Subscription>();
  const lastOfAll = async (): Promise<'start' | bigint> =>
    (await readAllPage(reads, { direction: 'backwards', maxCount: 1 }))[0]?.position ?? 'start';
  const readPage: EventStore['readPage'] = (stream, page = {}) => readStreamPage(reads, stream, page);

  return {
    append: (stream, expectedRevision, events) => append(appends, { stream, expectedRevision, events }),
    readPage,
    read: (stream, from = 0n, pageMaxEvents = MAX_PAGE_EVENTS) =>
      pagesForwards(readPage, stream, from, pageMaxEvents),
    readBackwards: (stream, from, pageMaxEvents = MAX_PAGE_EVENTS) =>
      pagesBackwards(readPage, stream, from, pageMaxEvents),
    lastEvent: async (stream) => {
      const page = await readPage(stream, { direction: 'backwards', maxCount: 1 });
      return page.kind === 'events' ? page.events[0] : undefined;
    },
    readAllPage: (page = {}) => readAllPage(reads, page),
    subscribeToAll: (subscribeOptions) => {
      if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
        throw new Error(`There are ${MAX_SUBSCRIPTIONS} subscriptions already: share one.`);
      }
      const deps = { connection, timing, confirmTimeoutMs: readTimeoutMs, endOfLog: lastOfAll };
      const subscription = subscribe(deps, subscribeOptions);
      subscriptions.add(subscription);
      subscription.ended.then(() => subscriptions.delete(subscription));
      return subscription;
    },
    ping: async () => {
      await lastOfAll();
    },
    close: async () => {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await connection.close();
      isOpen = false;
    },
  };
}

function appendOptions(options: EventStoreOptions): AppendOptions {
  return {
    attemptTimeoutMs: options.appendAttemptTimeoutMs ?? 2 * SECOND_MS,
    totalTimeoutMs: options.appendTimeoutMs ?? 8 * SECOND_MS,
    maxAttempts: APPEND_MAX_ATTEMPTS,
    maxBytes: options.appendMaxBytes ?? MIB,
  };
}
