/**
 * Runs an audit in a thread of its own, within bounds of time and memory: the event loop of the engine sells seats, and
 * folding a million events on it would stop that for a minute. The thread ends with its answer, with its caller, or
 * with the engine, whatever it is doing.
 */
import { Worker } from 'node:worker_threads';
import type { AuditRunDeps, AuditTask, AuditTaskAnswer } from '../api/audit-runs.ts';
import { EventStoreError, type EventStoreErrorKind } from '../eventstore/index.ts';
import type { SecretKey } from '../privacy/index.ts';

const MINUTE_MS = 60_000;
/** A log of a million events takes one. */
const MAX_TIME_MS = 10 * MINUTE_MS;
/** Orders and payments of an audit take about two kilobytes each. */
const MAX_HEAP_MIB = 1_024;
const TOO_LARGE = 'It needs more time or memory than an engine gives: run it on the command line.';

export type AuditJob = {
  readonly eventStoreUrl: string;
  /** Seed of the key that signs reports; undefined: they stay unsigned. */
  readonly auditKey: Uint8Array | undefined;
  readonly task: AuditTask;
};

/** The thread's one message. */
export type AuditThreadSaid =
  | (AuditTaskAnswer & { readonly threadId: number })
  | { readonly kind: 'failed'; readonly error: EventStoreErrorKind; readonly message: string };

export type AuditWorkerOptions = {
  readonly eventStoreUrl: string;
  readonly auditKey: SecretKey | undefined;
  /** What the thread runs; `audit-thread` of this release unless given. */
  readonly program?: URL;
  readonly maxTimeMs?: number;
  readonly maxHeapMib?: number;
  /** After each that ended with a message. `threadId` is 0 for the engine's own, where none may run. */
  readonly onRun: (run: {
    readonly task: AuditTask['kind'];
    readonly threadId: number;
    readonly ms: number;
  }) => void;
};

export type AuditWorker = {
  /** Rejects with `EventStoreError`, with the reason of the signal, and when the engine closes. */
  readonly run: AuditRunDeps['run'];
  /** Ends what runs. */
  readonly close: () => void;
};

export const createAuditWorker = (options: AuditWorkerOptions): AuditWorker => {
  const closing = new AbortController();
  return {
    run: async (task, { signal }) => {
      const beganMs = performance.now();
      const tooLong = AbortSignal.timeout(options.maxTimeMs ?? MAX_TIME_MS);
      try {
        const said = await inThread(options, task, AbortSignal.any([signal, closing.signal, tooLong]));
        if (said.kind === 'failed') throw new EventStoreError(said.error, said.message);
        const { threadId, ...answer } = said;
        options.onRun({ task: task.kind, threadId, ms: Math.round(performance.now() - beganMs) });
        return answer;
      } catch (error) {
        const isOutOfTime = tooLong.aborted && error === tooLong.reason;
        if (isOutOfTime || isOutOfMemory(error)) {
          return { kind: 'refused', code: 'audit_too_large', detail: TOO_LARGE };
        }
        throw error;
      }
    },
    close: () => closing.abort(new EventStoreError('closed', 'The engine closes.')),
  };
};

/** Settles when the thread is gone. */
const inThread = async (
  { eventStoreUrl, auditKey, program, maxHeapMib }: AuditWorkerOptions,
  task: AuditTask,
  signal: AbortSignal,
): Promise<AuditThreadSaid> => {
  signal.throwIfAborted();
  const job: AuditJob = { eventStoreUrl, auditKey: auditKey?.bytes, task };
  const worker = new Worker(program ?? new URL('./audit-thread.js', import.meta.url), {
    name: 'audit',
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMib ?? MAX_HEAP_MIB },
  });
  try {
    return await new Promise<AuditThreadSaid>((done, failed) => {
      signal.addEventListener('abort', () => failed(signal.reason), { once: true });
      worker
        .once('message', done)
        .once('messageerror', failed)
        .on('error', failed)
        .once('exit', (code) => failed(new Error(`The audit ended with ${code} and without an answer.`)));
    });
  } finally {
    await worker.terminate();
  }
};

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
