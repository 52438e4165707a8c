/**
 * Hands appends to the client no faster than its connection takes them. When the shared batch-append stream
 * has 16 unsent requests the client queues further ones itself, and rejects that queue, once the connection
 * is lost, with promises that nobody can catch: the process would end. So it never gets that far; we queue
 * instead.
 */
import type { Duplex } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { batchAppendStream } from './client.ts';
import { EventStoreError } from './errors.ts';
import type { Timing } from './timing.ts';

/** One below the high-water mark of a gRPC request stream. */
const MAX_UNSENT = 15;
const MAX_WAITING_APPENDS = 10_000;
/** The stream tells nobody that it has sent something unless it was full, which it never is. */
const SENT_POLL_MS = 1;

export type AppendLane = {
  /**
   * Waits for the caller's turn, or answers undefined when that is now: then the append must go out before
   * the event loop turns. Rejects with `overloaded` at the deadline (monotonic ms), and as the client is
   * lost.
   */
  readonly turn: (deadlineMs: number) => Promise<void> | undefined;
};

type Waiter = {
  readonly deadlineMs: number;
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
};

export function createAppendLane(client: EventStoreDBClient, lost: AbortSignal, timing: Timing): AppendLane {
  let waiting: Waiter[] = [];
  let stream: Duplex | undefined;
  let handedThisTurn = 0;
  let scheduled = false;

  const hasRoom = (): boolean => {
    if (stream === undefined || stream.destroyed) stream = batchAppendStream(client);
    return handedThisTurn + (stream?.writableLength ?? 0) < MAX_UNSENT;
  };
  const schedule = (delayMs: number): void => {
    if (scheduled) return;
    scheduled = true;
    if (delayMs === 0) setImmediate(nextTurn);
    else setTimeout(nextTurn, delayMs);
  };
  /**
   * A request reaches the stream some microtasks later; until the next turn only our own count knows of it.
   */
  const hand = (): void => {
    handedThisTurn += 1;
    schedule(0);
  };
  const nextTurn = (): void => {
    scheduled = false;
    handedThisTurn = 0;
    const nowMs = timing.monotonicMs();
    let done = 0;
    for (const waiter of waiting) {
      if (waiter.deadlineMs <= nowMs) waiter.fail(lateError());
      else if (hasRoom()) {
        hand();
        waiter.go();
      } else break;
      done += 1;
    }
    waiting.splice(0, done);
    if (waiting.length > 0) schedule(SENT_POLL_MS);
  };
  lost.addEventListener('abort', () => {
    const stranded = waiting;
    waiting = [];
    for (const waiter of stranded) waiter.fail(lost.reason);
  });

  return {
    turn: (deadlineMs) => {
      if (waiting.length === 0 && hasRoom()) {
        hand();
        return undefined;
      }
      if (waiting.length >= MAX_WAITING_APPENDS) {
        return Promise.reject(new EventStoreError('overloaded', `${waiting.length} appends are waiting.`));
      }
      schedule(SENT_POLL_MS);
      return new Promise((go, fail) => waiting.push({ deadlineMs, go, fail }));
    },
  };
}

const lateError = (): EventStoreError =>
  new EventStoreError('overloaded', 'The append was not sent in time: too many are waiting.');
