/**
 * A catch-up subscription that outlives its connections: it hands events in batches to one consumer, takes
 * the consumer's promise for the confirmation, and after any loss goes on behind the last confirmed position.
 * So no event is left out, and none is handed over again once its batch was confirmed.
 */
import { type Backoff, backoffDelayMs } from '../backoff.ts';
import { losesConnection, translateError } from '../client-errors.ts';
import type { Connection } from '../connection.ts';
import { type EventStoreError, isTransient } from '../errors.ts';
import type { SubscriptionFilter } from '../read-request.ts';
import type { Timing } from '../timing.ts';
import { type Consumer, ConsumerFailure, deliver } from './deliver.ts';
import { openSession, type Session } from './session.ts';
import { keepState, type StateKeeper, type SubscriptionState } from './state.ts';

const RECONNECT_BACKOFF: Backoff = { firstMs: 100, maxMs: 10_000 };
const BATCH_MAX_EVENTS = 500;
const BATCH_MAX_WAIT_MS = 5;
const BUFFER_MAX_EVENTS = 2_000;
const BUSY_BATCH_EVENTS = 8;

export type SubscribeOptions = Consumer & {
  readonly filter?: SubscriptionFilter;
  /** Exclusive; `end` is the end of the log when the subscription first reaches the server. */
  readonly from: 'start' | 'end' | bigint;
  readonly onStatus?: (state: SubscriptionState) => void;
  readonly batchMaxEvents?: number;
  /** How long an incomplete batch waits for more. */
  readonly batchMaxWaitMs?: number;
  /** The same after a batch of `BUSY_BATCH_EVENTS` or more, where larger batches save more than waiting costs. */
  readonly busyBatchMaxWaitMs?: number;
  /** Events held when the consumer is slower than the server; a few dozen more wait inside the client. */
  readonly bufferMaxEvents?: number;
  readonly reconnectBackoff?: Backoff;
};

export type SubscriptionEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: Error };

export type Subscription = {
  readonly state: () => SubscriptionState;
  /** Waits for the consumer's current batch, whose confirmation still counts. */
  readonly stop: () => Promise<void>;
  /** Resolves when it is over, never rejects. */
  readonly ended: Promise<SubscriptionEnd>;
};

type Deps = {
  readonly connection: Connection;
  readonly timing: Timing;
  readonly confirmTimeoutMs: number;
  /** The position of the last event in the log; `start` when there is none. */
  readonly endOfLog: () => Promise<'start' | bigint>;
};
type Run = {
  readonly deps: Deps;
  readonly options: SubscribeOptions;
  readonly stopping: AbortSignal;
  readonly keeper: StateKeeper;
  session: Session | undefined;
  /** Where the next session begins. */
  from: 'start' | 'end' | bigint;
  failures: number;
};

export function subscribe(deps: Deps, options: SubscribeOptions): Subscription {
  const stop = new AbortController();
  const keeper = keepState(
    options.name,
    deps.timing,
    () => run.session?.bufferedEvents() ?? 0,
    options.onStatus ?? (() => undefined),
  );
  const run: Run = {
    deps,
    options,
    stopping: stop.signal,
    keeper,
    session: undefined,
    from: options.from,
    failures: 0,
  };
  if (typeof options.from === 'bigint') keeper.change({ confirmedPosition: options.from });
  const ended = runToEnd(run);
  return {
    state: keeper.now,
    stop: async () => {
      stop.abort();
      run.session?.close();
      await ended;
    },
    ended,
  };
}

async function runToEnd(run: Run): Promise<SubscriptionEnd> {
  const { keeper, stopping, deps } = run;
  // The bound of this loop is its delay: a subscription waits for its server as long as the process lives.
  while (!stopping.aborted) {
    try {
      await runSession(run);
    } catch (cause) {
      if (stopping.aborted) break;
      const error = cause instanceof ConsumerFailure ? cause : translateError(cause, run.options.name);
      keeper.change({ lastError: error });
      if (error instanceof ConsumerFailure || !isWorthReconnecting(error)) {
        keeper.change({ status: 'failed' });
        return { kind: 'failed', error };
      }
      run.failures += 1;
      keeper.change({ status: 'backing-off', reconnects: keeper.now().reconnects + 1 });
      const backoff = run.options.reconnectBackoff ?? RECONNECT_BACKOFF;
      await deps.timing.sleep(backoffDelayMs(backoff, run.failures, deps.timing.random()), stopping);
    }
  }
  keeper.change({ status: 'stopped' });
  return { kind: 'stopped' };
}

/**
 * What nobody understands may pass; it shows in the state until it does. The rest stays as it is without a
 * person.
 */
const isWorthReconnecting = (error: EventStoreError): boolean =>
  isTransient(error) || error.kind === 'unexpected' || error.kind === 'overloaded';

async function runSession(run: Run): Promise<void> {
  const { deps, options, keeper } = run;
  keeper.change({ status: 'connecting' });
  // Found out once: after a loss, "the end" would leave out what was written meanwhile.
  if (run.from === 'end') run.from = await deps.endOfLog();
  const generation = await deps.connection.generation();
  if (run.stopping.aborted) return;
  const session = openSession({
    generation,
    from: run.from,
    filter: options.filter,
    bufferMaxEvents: options.bufferMaxEvents ?? BUFFER_MAX_EVENTS,
    confirmTimeoutMs: deps.confirmTimeoutMs,
  });
  run.session = session;
  keeper.change({ status: 'catching-up' });
  try {
    await consume(run, session);
  } finally {
    session.close();
    run.session = undefined;
    const failure = session.failure();
    if (failure !== undefined && losesConnection(failure)) deps.connection.giveUp(generation, failure);
  }
}

async function consume(run: Run, session: Session): Promise<void> {
  const { options, keeper, stopping } = run;
  const maxEvents = options.batchMaxEvents ?? BATCH_MAX_EVENTS;
  const delivery = { options, keeper, timing: run.deps.timing, stopping };
  let isBusy = false;
  while (!stopping.aborted) {
    await session.available();
    if (stopping.aborted) return;
    if (session.bufferedEvents() > 0) await linger(run, session, maxEvents, isBusy);
    const events = session.take(maxEvents);
    isBusy = events.length >= BUSY_BATCH_EVENTS;
    const last = events.at(-1);
    const position = session.checkpoint() ?? last?.position;
    if (position !== undefined) {
      if (!(await deliver(delivery, { events, position }))) return;
      run.from = position;
      run.failures = 0;
      keeper.confirmed(events.length, position, last?.recordedAtMs);
    }
    const failure = session.failure();
    if (failure !== undefined && session.bufferedEvents() === 0) throw failure;
    keeper.change({ status: session.isLive() ? 'live' : 'catching-up' });
  }
}

/** A short wait turns a trickle of events into batches; a full batch ends it. */
async function linger(run: Run, session: Session, maxEvents: number, isBusy: boolean): Promise<void> {
  const { batchMaxWaitMs = BATCH_MAX_WAIT_MS, busyBatchMaxWaitMs = batchMaxWaitMs } = run.options;
  const waitMs = isBusy ? busyBatchMaxWaitMs : batchMaxWaitMs;
  if (waitMs === 0 || session.bufferedEvents() >= maxEvents) return;
  const over = new AbortController();
  await Promise.race([session.filled(maxEvents, over.signal), run.deps.timing.sleep(waitMs, over.signal)]);
  over.abort();
}
