/**
 * Reading in pages: a page is small enough to be held, to be asked for again as a whole when the server is
 * lost, and to be given up when nothing arrives any more. Long reads are rows of pages.
 */
import type { AllStreamResolvedEvent, Position, ResolvedEvent, StreamingRead } from '@eventstore/db-client';
import { StreamNotFoundError } from '@eventstore/db-client';
import { backoffDelayMs } from './backoff.ts';
import { losesConnection, translateError } from './client-errors.ts';
import type { Connection, Generation } from './connection.ts';
import { EventStoreError, isTransient } from './errors.ts';
import type { Limiter } from './limiter.ts';
import { categoryOf, type StreamName } from './names.ts';
import { type StoredEvent, toStoredEvent } from './stored-event.ts';
import { attribute, traced } from './telemetry.ts';
import { type Timing, withTimeout } from './timing.ts';

const BACKOFF = { firstMs: 20, maxMs: 1_000 };
/** Some 4 MB of events of ordinary size. */
export const MAX_PAGE_EVENTS = 4_096;

type Direction = 'forwards' | 'backwards';

export type ReadPage = {
  /** Where to begin; forwards it is included. `end` makes sense backwards only. */
  readonly from?: 'start' | 'end' | bigint;
  readonly direction?: Direction;
  /** At most `MAX_PAGE_EVENTS`, which is also the default. */
  readonly maxCount?: number;
};

export type StreamPage =
  | { readonly kind: 'events'; readonly events: readonly StoredEvent[] }
  /** Never written to, or deleted. */
  | { readonly kind: 'no-stream' };

type ReadOptions = {
  /** Longest silence of the server within one page. */
  readonly idleTimeoutMs: number;
  readonly maxAttempts: number;
};

type Deps = {
  readonly connection: Connection;
  readonly timing: Timing;
  readonly limiter: Limiter;
  readonly options: ReadOptions;
};
type Read = StreamingRead<ResolvedEvent> | StreamingRead<AllStreamResolvedEvent>;

/** One page of one stream. Throws `EventStoreError`. */
export function readStreamPage(deps: Deps, stream: StreamName, page: ReadPage): Promise<StreamPage> {
  const { direction, from, maxCount } = complete(page);
  return traced('read', { [attribute.category]: categoryOf(stream) }, async (span) => {
    const events = await readWithRetry(deps, `Reading ${stream}`, ({ client }) =>
      client.readStream(stream, { direction, fromRevision: from, maxCount }),
    );
    span.setAttribute(attribute.events, events?.length ?? 0);
    span.setAttribute(attribute.outcome, events === undefined ? 'no-stream' : 'events');
    return events === undefined ? { kind: 'no-stream' } : { kind: 'events', events };
  });
}

/** One page of the log of all streams, system events included. `from` is a commit position. */
export function readAllPage(deps: Deps, page: ReadPage): Promise<readonly StoredEvent[]> {
  const { direction, from, maxCount } = complete(page);
  const fromPosition = typeof from === 'bigint' ? toClientPosition(from) : from;
  return traced('read', { [attribute.category]: '$all' }, async (span) => {
    const events = await readWithRetry(deps, 'Reading $all', ({ client }) =>
      client.readAll({ direction, fromPosition, maxCount }),
    );
    span.setAttribute(attribute.events, events?.length ?? 0);
    return events ?? [];
  });
}

/**
 * The server writes commit and prepare position as one number since it has no transactions over several
 * calls.
 */
export const toClientPosition = (position: bigint): Position => ({ commit: position, prepare: position });

function complete(page: ReadPage): Required<ReadPage> {
  const { direction = 'forwards', maxCount = MAX_PAGE_EVENTS } = page;
  if (!Number.isSafeInteger(maxCount) || maxCount < 1 || maxCount > MAX_PAGE_EVENTS) {
    throw new RangeError(`A page has 1 to ${MAX_PAGE_EVENTS} events, not ${maxCount}.`);
  }
  return { direction, maxCount, from: page.from ?? (direction === 'forwards' ? 'start' : 'end') };
}

async function readWithRetry(
  deps: Deps,
  doing: string,
  start: (generation: Generation) => Read,
): Promise<StoredEvent[] | undefined> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await deps.limiter.run(() => readOnce(deps, doing, start));
    } catch (cause) {
      const error = translateError(cause, doing);
      if (attempts >= deps.options.maxAttempts || !isTransient(error)) throw error;
      await deps.timing.sleep(backoffDelayMs(BACKOFF, attempts, deps.timing.random()));
    }
  }
}

async function readOnce(
  deps: Deps,
  doing: string,
  start: (generation: Generation) => Read,
): Promise<StoredEvent[] | undefined> {
  const { connection, options } = deps;
  const late = (): Error => new EventStoreError('timed-out', `${doing}: the event store does not answer.`);
  const pending = connection.generation();
  const generation = 'client' in pending ? pending : await withTimeout(pending, options.idleTimeoutMs, late);
  try {
    const events = await collect(start(generation), generation, options.idleTimeoutMs, late);
    generation.heard();
    return events;
  } catch (cause) {
    if (cause instanceof StreamNotFoundError) {
      generation.heard();
      return undefined;
    }
    const error = translateError(cause, doing);
    if (losesConnection(error)) connection.giveUp(generation, error);
    else if (error.kind === 'timed-out') connection.suspect(generation, options.idleTimeoutMs, error);
    throw error;
  }
}

/** By events and not by iteration: it halves the cost per event, and a page is bounded anyway. */
function collect(
  read: Read,
  generation: Generation,
  idleTimeoutMs: number,
  late: () => Error,
): Promise<StoredEvent[]> {
  return new Promise((done, fail) => {
    const events: StoredEvent[] = [];
    let over = false;
    const stop = (): void => {
      over = true;
      clearTimeout(idle);
      generation.lost.removeEventListener('abort', onLost);
    };
    const giveUp = (error: unknown): void => {
      stop();
      fail(error);
      // A read that never began has nothing to cancel, and says so by a rejection.
      read.cancel().catch(() => undefined);
    };
    const onLost = (): void => giveUp(generation.lost.reason);
    const idle = setTimeout(() => giveUp(late()), idleTimeoutMs);
    generation.lost.addEventListener('abort', onLost);
    if (generation.lost.aborted) onLost();
    const onData = ({ event, commitPosition }: ResolvedEvent): void => {
      if (over) return;
      // Once per 256 events is enough to tell silence from a long page.
      if (events.length % 256 === 0) idle.refresh();
      if (event !== undefined) events.push(toStoredEvent(event, commitPosition));
    };
    read.on('data', onData);
    read.on('end', () => {
      stop();
      done(events);
    });
    read.on('error', (error) => {
      stop();
      fail(error);
    });
  });
}
