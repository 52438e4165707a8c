/**
 * Appending, safe to repeat: every attempt carries the same event ids and the same explicit expected
 * revision, so that the server answers a repetition of what it has already written as it answered the first
 * time, and anything else with a wrong revision. That is why there is no way here to append to a stream in
 * whatever state it is in.
 */
import type { AppendResult } from '@eventstore/db-client';
import { backoffDelayMs } from './backoff.ts';
import { losesConnection, translateError, WrongExpectedVersionError } from './client-errors.ts';
import type { Connection, Generation } from './connection.ts';
import { type EncodedEvent, totalSizeBytes } from './encode.ts';
import { EventStoreError, isTransient } from './errors.ts';
import { categoryOf, type StreamName } from './names.ts';
import { patiently } from './patience.ts';
import { attribute, traced } from './telemetry.ts';
import { type Timing, withTimeout } from './timing.ts';

const BACKOFF = { firstMs: 20, maxMs: 1_000 };
/**
 * The server drops what it reaches later than this. Not our own, shorter time-out: it is sent as a moment and
 * not as a duration, and must leave room for clocks that differ. A write that comes late does no harm.
 */
const SERVER_DEADLINE_MS = 10_000;
/** The append lane counts requests, so an append must be one: never split it, whatever its size. */
const ONE_REQUEST = Number.MAX_SAFE_INTEGER;

export type ExpectedRevision = 'no_stream' | bigint;

export type AppendOutcome =
  /** `revision` and `position` are those of the last event, as they were when it was written. */
  | { readonly kind: 'appended'; readonly revision: bigint; readonly position: bigint }
  /** Nothing was written: the stream is at `actual`. */
  | { readonly kind: 'wrong-expected-revision'; readonly actual: ExpectedRevision };

export type AppendOptions = {
  /** Longest silence of the server while an answer is due. */
  readonly attemptTimeoutMs: number;
  /** Longest time for all attempts and the waiting between them. */
  readonly totalTimeoutMs: number;
  readonly maxAttempts: number;
  readonly maxBytes: number;
};

type Deps = { readonly connection: Connection; readonly timing: Timing; readonly options: AppendOptions };
type Request = {
  readonly stream: StreamName;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
};
type Attempt = { readonly deadlineMs: number; readonly remainingMs: number; sent: boolean };

/**
 * Throws `EventStoreError`; where its `mayBeWritten` is true, the same call may be repeated at any later
 * time.
 */
export function append(deps: Deps, request: Request): Promise<AppendOutcome> {
  const { stream, events } = request;
  const sizeBytes = totalSizeBytes(events);
  const attributes = {
    [attribute.category]: categoryOf(stream),
    [attribute.events]: events.length,
    [attribute.bytes]: sizeBytes,
  };
  return traced('append', attributes, async (span) => {
    if (events.length === 0) throw new TypeError(`There is nothing to append to ${stream}.`);
    checkSize(stream, sizeBytes, deps.options.maxBytes);
    const { outcome, attempts } = await appendUntilAnswered(deps, request);
    span.setAttribute(attribute.outcome, outcome.kind);
    if (attempts > 1) span.setAttribute(attribute.attempts, attempts);
    return outcome;
  });
}

function checkSize(stream: StreamName, sizeBytes: number, maxBytes: number): void {
  if (sizeBytes <= maxBytes) return;
  throw new EventStoreError(
    'too-large',
    `${sizeBytes} bytes for ${stream}; an append has at most ${maxBytes}.`,
  );
}

async function appendUntilAnswered(
  deps: Deps,
  request: Request,
): Promise<{ outcome: AppendOutcome; attempts: number }> {
  const { timing, options } = deps;
  const deadlineMs = timing.monotonicMs() + options.totalTimeoutMs;
  let mayBeWritten = false;
  for (let attempts = 1; ; attempts += 1) {
    const remainingMs = deadlineMs - timing.monotonicMs();
    const attempt = { deadlineMs, remainingMs, sent: false };
    try {
      return { outcome: await appendOnce(deps, request, attempt), attempts };
    } catch (cause) {
      const error = translateError(cause, `Appending to ${request.stream}`);
      mayBeWritten ||= attempt.sent && leavesOpen(error);
      const delayMs = backoffDelayMs(BACKOFF, attempts, timing.random());
      const isLast = attempts >= options.maxAttempts || timing.monotonicMs() + delayMs >= deadlineMs;
      if (isLast || !isTransient(error)) {
        throw new EventStoreError(error.kind, error.message, { cause: error.cause ?? error, mayBeWritten });
      }
      await timing.sleep(delayMs);
    }
  }
}

/** A refusal says that nothing was written; silence and confusion do not. */
const leavesOpen = (error: EventStoreError): boolean => isTransient(error) || error.kind === 'unexpected';

async function appendOnce(deps: Deps, request: Request, attempt: Attempt): Promise<AppendOutcome> {
  const { connection, timing } = deps;
  const pending = connection.generation();
  const late = (): EventStoreError => lateError(request);
  const generation = 'client' in pending ? pending : await withTimeout(pending, attempt.remainingMs, late);
  const turn = generation.lane.turn(attempt.deadlineMs);
  if (turn !== undefined) await turn;
  if (generation.lost.aborted) throw translateError(generation.lost.reason, 'Appending');
  attempt.sent = true;
  const silenceMs = deps.options.attemptTimeoutMs;
  const patience = { silenceMs, deadlineMs: attempt.deadlineMs, timing };
  try {
    const result = await patiently(generation, patience, send(generation, request), late);
    generation.heard();
    const position = result.position?.commit ?? 0n;
    return { kind: 'appended', revision: result.nextExpectedRevision, position };
  } catch (cause) {
    if (cause instanceof WrongExpectedVersionError) {
      generation.heard();
      return { kind: 'wrong-expected-revision', actual: actualRevision(cause) };
    }
    const error = translateError(cause, `Appending to ${request.stream}`);
    if (losesConnection(error)) connection.giveUp(generation, error);
    else if (error.kind === 'timed-out') connection.suspect(generation, silenceMs, error);
    throw error;
  }
}

const lateError = (request: Request): EventStoreError =>
  new EventStoreError('timed-out', `${request.stream}: the event store did not answer in time.`);

const send = ({ client }: Generation, request: Request): Promise<AppendResult> =>
  client.appendToStream(
    request.stream,
    request.events.map((event) => event.proposed),
    {
      expectedRevision: request.expectedRevision,
      deadline: SERVER_DEADLINE_MS,
      batchAppendSize: ONE_REQUEST,
    },
  );

const actualRevision = (error: WrongExpectedVersionError): ExpectedRevision =>
  typeof error.actualVersion === 'bigint' ? error.actualVersion : 'no_stream';
