/** Server-sent events: one at a time, no faster than the caller reads, and no longer than they are wanted. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ServerSentEvent } from './endpoint.ts';
import { baseHeaders, type Envelope } from './write.ts';

const SECOND_MS = 1_000;
/** More often than proxies give a silent connection up. */
const HEARTBEAT_MS = 15 * SECOND_MS;
/** Then the caller connects anew, perhaps to another process. */
const MAX_STREAM_MS = 300 * SECOND_MS;

export type Streams = {
  /**
   * Undefined when there are as many as there may be; else what gives the place back. `end` may be called
   * later.
   */
  readonly open: (end: () => void) => (() => void) | undefined;
  /** Ends all there are, for a server that closes. */
  readonly endAll: () => void;
};

export const createStreams = (max: number): Streams => {
  const ends = new Set<() => void>();
  return {
    open: (end) => {
      if (ends.size >= max) return undefined;
      ends.add(end);
      return () => ends.delete(end);
    },
    endAll: () => {
      for (const end of [...ends]) end();
    },
  };
};

export type Stream = {
  readonly response: ServerResponse;
  readonly events: AsyncIterable<ServerSentEvent>;
  readonly envelope: Envelope;
  /** Resolves when the engine wants the stream to end. */
  readonly ended: Promise<void>;
  readonly heartbeatMs?: number;
};

const ENDED = Symbol('ended');

/** Resolves when the stream has ended, for whatever reason. Rejects with what the iteration rejects with. */
export const writeEvents = async (stream: Stream): Promise<void> => {
  const { response, events, envelope, heartbeatMs = HEARTBEAT_MS } = stream;
  response.writeHead(200, {
    ...baseHeaders(envelope.correlationId),
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
  });
  const iterator = events[Symbol.asyncIterator]();
  const beat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(':\n\n');
  }, heartbeatMs);
  let limit: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, MAX_STREAM_MS);
  });
  try {
    if (envelope.isHead) return;
    response.flushHeaders();
    await pump(response, iterator, Promise.race([gone(response), stream.ended, tooLong]));
  } finally {
    clearInterval(beat);
    clearTimeout(limit);
    response.end();
    // Not waited for: a source that is stuck must not keep what the caller has left.
    iterator.return?.()?.catch(() => undefined);
  }
};

const pump = async (
  response: ServerResponse,
  iterator: AsyncIterator<ServerSentEvent>,
  ended: Promise<void>,
): Promise<void> => {
  const end = ended.then(() => ENDED);
  for (;;) {
    const next = await Promise.race([iterator.next(), end]);
    if (typeof next === 'symbol' || next.done === true) return;
    const { event, data } = next.value;
    const hasRoom = response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!hasRoom) await Promise.race([once(response, 'drain'), end]);
  }
};

const gone = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.closed || response.destroyed) resolve();
    else response.once('close', resolve);
  });
