/**
 * Streams.BatchAppend: one call per client carries all its appends. Chunks of different correlation ids
 * interleave, and every id is answered exactly once, whatever becomes of it.
 */
import type { ResponseStream } from '../calls.ts';
import { statusOfFailure, statusOfRefusal } from '../errors.ts';
import type { IdentifiedEvent, ProposedEvent, Refusal } from '../store/append.ts';
import { sizeOf } from '../store/append.ts';
import type { Writer } from '../store/writer.ts';
import {
  type BatchAppendChunk,
  type BatchAppendOptions,
  encodeBatchAppendError,
  encodeBatchAppendSuccess,
} from '../wire/batch-append.ts';
import { checkAppend } from './proposed.ts';

/** More than this in flight on one call, and its requests wait: the client's socket holds them, not us. */
const MAX_IN_FLIGHT_BYTES = 32 * 1024 * 1024;
const MAX_IN_FLIGHT_APPENDS = 10_000;
/** Ids begun and not finished. A client has at most a few. */
const MAX_OPEN_IDS = 10_000;

export type BatchAppendCall = ResponseStream & {
  pause(): unknown;
  resume(): unknown;
  on(event: 'data', listener: (chunk: BatchAppendChunk) => void): unknown;
  on(event: 'end' | 'cancelled' | 'close' | 'drain', listener: () => void): unknown;
};

type OpenAppend = {
  readonly correlationId: Buffer;
  readonly options: BatchAppendOptions;
  readonly events: ProposedEvent[];
  bytes: number;
  timer: NodeJS.Timeout | undefined;
};

/** Ends when the client has ended its side and every id is answered, or when the call is gone. */
export const batchAppend = (writer: Writer, maxAppendBytes: number, call: BatchAppendCall): Promise<void> => {
  const open = new Map<string, OpenAppend>();
  let inFlightAppends = 0;
  let inFlightBytes = 0;
  let ended = false;
  let writable = true;
  let finish = (): void => {};

  const throttle = (): void => {
    const full = inFlightAppends >= MAX_IN_FLIGHT_APPENDS || inFlightBytes >= MAX_IN_FLIGHT_BYTES;
    if (full || !writable) call.pause();
    else call.resume();
    if (ended && inFlightAppends === 0 && open.size === 0) finish();
  };

  const answer = (message: Buffer): void => {
    if (!call.cancelled && !call.write(message)) writable = false;
  };

  const refuse = (correlationId: Buffer, stream: string, status: Buffer): void =>
    answer(encodeBatchAppendError(correlationId, Buffer.from(stream), status));

  const store = async (append: OpenAppend, events: readonly IdentifiedEvent[]): Promise<void> => {
    const { correlationId, options, bytes } = append;
    inFlightAppends++;
    inFlightBytes += bytes;
    try {
      const outcome = await writer.append(
        options.stream,
        options.expected,
        events,
        options.deadlineAtMs,
        bytes,
      );
      if (outcome.kind !== 'written') refuse(correlationId, options.stream, statusOfRefusal(outcome));
      else {
        const revision = outcome.revision < 0 ? undefined : outcome.revision;
        answer(
          encodeBatchAppendSuccess(correlationId, Buffer.from(options.stream), revision, outcome.position),
        );
      }
    } catch (error) {
      refuse(correlationId, options.stream, statusOfFailure(error));
    }
    inFlightAppends--;
    inFlightBytes -= bytes;
    throttle();
  };

  const close = (key: string, append: OpenAppend): void => {
    clearTimeout(append.timer);
    if (open.delete(key)) inFlightBytes -= append.bytes;
  };

  const onChunk = (chunk: BatchAppendChunk): void => {
    const key = chunk.correlationId.toString('latin1');
    const append = open.get(key) ?? begin(chunk);
    if ('kind' in append)
      return refuse(chunk.correlationId, chunk.options?.stream ?? '', statusOfRefusal(append));
    for (const event of chunk.events) {
      append.bytes += sizeOf(event);
      // Once over the limit the rest is only counted, so that a client cannot fill the memory.
      if (append.bytes <= maxAppendBytes) append.events.push(event);
    }
    if (!chunk.isFinal) return hold(key, append, chunk);
    close(key, append);
    const checked = checkAppend(append.options.stream, append.events, append.bytes, maxAppendBytes);
    if (checked.kind !== 'accepted')
      refuse(append.correlationId, append.options.stream, statusOfRefusal(checked));
    else void store(append, checked.events);
    throttle();
  };

  const begin = (chunk: BatchAppendChunk): OpenAppend | Refusal => {
    const { correlationId, options } = chunk;
    if (options === undefined)
      return { kind: 'invalid', message: 'the first chunk of an append carries its options' };
    if (open.size >= MAX_OPEN_IDS)
      return { kind: 'invalid', message: 'too many unfinished appends on one call' };
    return { correlationId, options, events: [], bytes: 0, timer: undefined };
  };

  const hold = (key: string, append: OpenAppend, chunk: BatchAppendChunk): void => {
    if (open.has(key)) return;
    open.set(key, append);
    const leftMs = append.options.deadlineAtMs - Date.now();
    if (leftMs === Number.POSITIVE_INFINITY) return;
    append.timer = setTimeout(
      () => {
        close(key, append);
        refuse(chunk.correlationId, append.options.stream, statusOfRefusal({ kind: 'timed_out' }));
        throttle();
      },
      Math.min(Math.max(leftMs, 0), MAX_TIMER_MS),
    );
  };

  return new Promise((resolve) => {
    finish = () => {
      for (const [key, append] of open) close(key, append);
      resolve();
    };
    call.on('data', onChunk);
    call.on('drain', () => {
      writable = true;
      throttle();
    });
    call.on('end', () => {
      ended = true;
      throttle();
    });
    call.on('cancelled', finish);
    call.on('close', finish);
  });
};

/** setTimeout takes no more than 2^31 - 1. */
const MAX_TIMER_MS = 2 ** 31 - 1;
