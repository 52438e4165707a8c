/**
 * Streams.BatchAppend: one call per client carries all its appends, and every correlation id is answered
 * exactly once, whatever becomes of it.
 */
import type { ResponseStream } from '../calls.ts';
import { statusOfFailure, statusOfRefusal } from '../errors.ts';
import type { WriteOutcome } from '../store/transaction.ts';
import type { Writer } from '../store/writer.ts';
import {
  type BatchAppendChunk,
  encodeBatchAppendError,
  encodeBatchAppendSuccess,
} from '../wire/batch-append.ts';
import { type AssembledAppend, createAssembly } from './assembly.ts';
import { type AcceptedAppend, checkAppend } from './proposed.ts';

/** More than this in flight on one call, and its requests wait in the client's socket instead of here. */
const MAX_IN_FLIGHT_APPENDS = 10_000;
const MAX_IN_FLIGHT_BYTES = 32 * 1024 * 1024;

export type BatchAppendCall = ResponseStream & {
  pause(): unknown;
  resume(): unknown;
  on(event: 'data', listener: (chunk: BatchAppendChunk) => void): unknown;
  on(event: 'end' | 'cancelled' | 'close' | 'drain', listener: () => void): unknown;
};

/** Ends when the client has ended its side and every id is answered, or when the call is gone. */
export const batchAppend = (writer: Writer, maxAppendBytes: number, call: BatchAppendCall): Promise<void> =>
  new Promise((resolve) => {
    let appends = 0;
    let bytes = 0;
    let ended = false;
    let writable = true;

    const answer = (message: Buffer): void => {
      if (!call.cancelled && !call.write(message)) writable = false;
    };

    const assembly = createAssembly(maxAppendBytes, (correlationId, { stream }) => {
      answer(refused(correlationId, stream, statusOfRefusal({ kind: 'timed_out' })));
    });

    const finish = (): void => {
      assembly.close();
      resolve();
    };

    const throttle = (): void => {
      if (appends >= MAX_IN_FLIGHT_APPENDS || bytes >= MAX_IN_FLIGHT_BYTES || !writable) call.pause();
      else call.resume();
      if (ended && appends === 0) finish();
    };

    const onChunk = (chunk: BatchAppendChunk): void => {
      const append = assembly.take(chunk);
      if (append === undefined) return;
      if (append.kind !== 'assembled') {
        answer(refused(chunk.correlationId, chunk.options?.stream ?? '', statusOfRefusal(append)));
        return;
      }
      const { correlationId, options } = append;
      const checked = checkAppend(
        options.stream,
        options.expected,
        append.events,
        append.bytes,
        maxAppendBytes,
      );
      if (checked.kind !== 'accepted') {
        answer(refused(correlationId, options.stream, statusOfRefusal(checked)));
        return;
      }
      appends++;
      bytes += append.bytes;
      throttle();
      void store(writer, append, checked).then((message) => {
        appends--;
        bytes -= append.bytes;
        answer(message);
        throttle();
      });
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

/** The answer to one append, never a rejection. */
const store = async (
  writer: Writer,
  { correlationId, options, bytes }: AssembledAppend,
  { expected, events }: AcceptedAppend,
): Promise<Buffer> => {
  try {
    const outcome = await writer.append(options.stream, expected, events, options.deadlineAtMs, bytes);
    return answerOf(correlationId, options.stream, outcome);
  } catch (error) {
    return refused(correlationId, options.stream, statusOfFailure(error));
  }
};

const answerOf = (correlationId: Buffer, stream: string, outcome: WriteOutcome): Buffer => {
  if (outcome.kind !== 'written') return refused(correlationId, stream, statusOfRefusal(outcome));
  const revision = outcome.revision < 0 ? undefined : outcome.revision;
  return encodeBatchAppendSuccess(correlationId, Buffer.from(stream), revision, outcome.position);
};

const refused = (correlationId: Buffer, stream: string, status: Buffer): Buffer =>
  encodeBatchAppendError(correlationId, Buffer.from(stream), status);
