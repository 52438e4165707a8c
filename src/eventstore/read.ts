/**
 * Reading in pages: a page is small enough to be held, to be asked for again as a whole when the server is
 * lost, and to be given up when nothing arrives any more. Long reads are rows of pages.
 */
import { convertToCommandError } from '@eventstore/db-client';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { backoffDelayMs } from './backoff.ts';
import { cancelRead, openRead } from './client.ts';
import { losesConnection, translateError } from './client-errors.ts';
import type { Connection, Generation } from './connection.ts';
import { EventStoreError, isTransient } from './errors.ts';
import type { Limiter } from './limiter.ts';
import { categoryOf, type StreamName } from './names.ts';
import { allRequest, type PageRequest, streamRequest } from './read-request.ts';
import { isEvent, type ReadResponse } from './read-response.ts';
import type { StoredEvent } from './stored-event.ts';
import { attribute, traced } from './telemetry.ts';
import { type Timing, withTimeout } from './timing.ts';

const BACKOFF = { firstMs: 20, maxMs: 1_000 };
/** Some 4 MB of events of ordinary size. */
export const MAX_PAGE_EVENTS = 4_096;

/**
 * `from` is where to begin, and `end` makes sense backwards only. `maxCount` is at most `MAX_PAGE_EVENTS`, which is also
 * the default.
 */
export type ReadPage = Partial<PageRequest>;

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

/** One page of one stream. Throws `EventStoreError`. */
export function readStreamPage(deps: Deps, stream: StreamName, page: ReadPage): Promise<StreamPage> {
  const request = streamRequest(stream, complete(page));
  return traced('read', { [attribute.category]: categoryOf(stream) }, async (span) => {
    const events = await readWithRetry(deps, `Reading ${stream}`, request);
    span.setAttribute(attribute.events, events?.length ?? 0);
    span.setAttribute(attribute.outcome, events === undefined ? 'no-stream' : 'events');
    return events === undefined ? { kind: 'no-stream' } : { kind: 'events', events };
  });
}

/** One page of the log of all streams, system events included. `from` is a commit position. */
export function readAllPage(deps: Deps, page: ReadPage): Promise<readonly StoredEvent[]> {
  const request = allRequest(complete(page));
  return traced('read', { [attribute.category]: '$all' }, async (span) => {
    const events = await readWithRetry(deps, 'Reading $all', request);
    span.setAttribute(attribute.events, events?.length ?? 0);
    return events ?? [];
  });
}

function complete(page: ReadPage): PageRequest {
  const { direction = 'forwards', maxCount = MAX_PAGE_EVENTS } = page;
  if (!Number.isSafeInteger(maxCount) || maxCount < 1 || maxCount > MAX_PAGE_EVENTS) {
    throw new RangeError(`A page has 1 to ${MAX_PAGE_EVENTS} events, not ${maxCount}.`);
  }
  return { direction, maxCount, from: page.from ?? (direction === 'forwards' ? 'start' : 'end') };
}

async function readWithRetry(
  deps: Deps,
  doing: string,
  request: ReadReq,
): Promise<StoredEvent[] | undefined> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await deps.limiter.run(() => readOnce(deps, doing, request));
    } catch (cause) {
      const error = translateError(cause, doing);
      if (attempts >= deps.options.maxAttempts || !isTransient(error)) throw error;
      await deps.timing.sleep(backoffDelayMs(BACKOFF, attempts, deps.timing.random()));
    }
  }
}

async function readOnce(deps: Deps, doing: string, request: ReadReq): Promise<StoredEvent[] | undefined> {
  const { connection, options } = deps;
  const late = (): Error => new EventStoreError('timed-out', `${doing}: the event store does not answer.`);
  const pending = connection.generation();
  const generation = 'client' in pending ? pending : await withTimeout(pending, options.idleTimeoutMs, late);
  try {
    const events = await collect(generation, request, options.idleTimeoutMs, late);
    generation.heard();
    return events;
  } catch (cause) {
    const error = translateError(cause, doing);
    if (losesConnection(error)) connection.giveUp(generation, error);
    else if (error.kind === 'timed-out') connection.suspect(generation, options.idleTimeoutMs, error);
    throw error;
  }
}

/** By events and not by iteration: it halves the cost per event, and a page is bounded anyway. */
function collect(
  generation: Generation,
  request: ReadReq,
  idleTimeoutMs: number,
  late: () => Error,
): Promise<StoredEvent[] | undefined> {
  return new Promise((done, fail) => {
    const events: StoredEvent[] = [];
    let isStream = true;
    let over = false;
    const stop = (): void => {
      over = true;
      clearTimeout(idle);
      generation.lost.removeEventListener('abort', onLost);
    };
    const failWith = (error: unknown): void => {
      stop();
      fail(error instanceof Error ? convertToCommandError(error) : error);
    };
    const reading = openRead(generation.client, request);
    const giveUp = (error: unknown): void => {
      failWith(error);
      cancelRead(reading);
    };
    const onLost = (): void => giveUp(generation.lost.reason);
    const idle = setTimeout(() => giveUp(late()), idleTimeoutMs);
    generation.lost.addEventListener('abort', onLost);
    if (generation.lost.aborted) onLost();
    const onData = (response: ReadResponse): void => {
      if (over) return;
      // Once per 256 events is enough to tell silence from a long page.
      if (events.length % 256 === 0) idle.refresh();
      if (response === 'no-stream') isStream = false;
      else if (isEvent(response)) events.push(response);
    };
    const onEnd = (): void => {
      stop();
      done(isStream ? events : undefined);
    };
    reading.then((read) => read.on('data', onData).on('end', onEnd).on('error', failWith), failWith);
  });
}
