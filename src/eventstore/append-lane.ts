/**
 * Hands appends to the client no faster than its connection takes them. When the shared batch-append stream has
 * 16 unsent requests the client queues further ones itself, and rejects that queue, once the connection is lost,
 * with promises that nobody can catch: the process would end. So it never gets that far; we queue instead.
 */
import type { Duplex } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { batchAppendStream } from './client.ts';
import { EventStoreError } from './errors.ts';

/** One below the high-water mark of a gRPC request stream. */
const MAX_UNSENT = 15;
const MAX_WAITING_APPENDS = 10_000;
/** The stream tells nobody that it has sent something unless it was full, which it never is. */
const SENT_POLL_MS = 1;

export type AppendLane = {
  /** Waits for its turn; undefined when it is the caller's turn now. Rejects with `reason` of a lost client. */
  readonly turn: () => Promise<void> | undefined;
};

type Waiter = { readonly go: () => void; readonly fail: (error: unknown) => void };

export function createAppendLane(client: EventStoreDBClient, lost: AbortSignal): AppendLane {
  const waiting: Waiter[] = [];
  let stream: Duplex | undefined;
  let handedThisTurn = 0;
  let scheduled = false;

  const hasRoom = (): boolean => {
    if (stream === undefined || stream.destroyed) stream = batchAppendStream(client);
    return handedThisTurn + (stream?.writableLength ?? 0) < MAX_UNSENT;
  };
  /** A request reaches the stream some microtasks later; until the next turn only our own count knows of it. */
  const hand = (): void => {
    handedThisTurn += 1;
    if (handedThisTurn === 1) setImmediate(nextTurn);
  };
  const nextTurn = (): void => {
    handedThisTurn = 0;
    while (waiting.length > 0 && hasRoom()) {
      hand();
      waiting.shift()?.go();
    }
    if (waiting.length === 0 || handedThisTurn > 0 || scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      nextTurn();
    }, SENT_POLL_MS);
  };
  lost.addEventListener('abort', () => {
    for (const waiter of waiting.splice(0)) waiter.fail(lost.reason);
  });

  return {
    turn: () => {
      if (waiting.length === 0 && hasRoom()) {
        hand();
        return undefined;
      }
      if (waiting.length >= MAX_WAITING_APPENDS) {
        return Promise.reject(new EventStoreError('overloaded', `${waiting.length} appends are waiting.`));
      }
      if (handedThisTurn === 0) setImmediate(nextTurn);
      return new Promise((go, fail) => waiting.push({ go, fail }));
    },
  };
}
