/** One request from the lane that took it to the last byte of its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, LogError } from './answer.ts';
import type { Endpoint, Reply } from './endpoint.ts';
import { type Streams, writeEvents } from './events.ts';
import type { Places } from './limits.ts';
import { rawCallOf } from './raw-call.ts';
import { refusal } from './refusals.ts';
import { type Envelope, writeReply } from './write.ts';

/** For metrics and access logs. `path` is the endpoint's, with parameters by name. */
export type Served = {
  readonly lane: Lane;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly tookMs: number;
};

export type Lane = 'lean' | 'express';

export type ServeOptions = {
  readonly lane: Lane;
  readonly answer: Answer;
  readonly inFlight: Places;
  readonly streams: Streams;
  readonly logError: LogError;
  readonly onServed?: ((served: Served) => void) | undefined;
};

/** `params` are decoded, and undefined where their percent-encoding is broken. Never rejects. */
export type Serve = (
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string>> | undefined,
) => Promise<void>;

const overloaded = refusal('overloaded', { headers: { 'retry-after': '1' } });

export const createServe = (options: ServeOptions): Serve => {
  const { answer, inFlight } = options;
  const answered = async (endpoint: Endpoint, raw: ReturnType<typeof rawCallOf>): Promise<Reply> => {
    if (!inFlight.take()) return overloaded;
    try {
      return await answer(endpoint, raw);
    } finally {
      inFlight.giveBack();
    }
  };
  return async (endpoint, request, response, params) => {
    const startedAtMs = performance.now();
    const raw = rawCallOf(request, response, params);
    const reply = await answered(endpoint, raw);
    const envelope = { correlationId: raw.correlationId, isHead: request.method === 'HEAD' };
    await write(options, endpoint, response, reply, envelope);
    const { lane, onServed } = options;
    const { method, path } = endpoint;
    const status = response.statusCode;
    onServed?.({ lane, method, path, status, tookMs: performance.now() - startedAtMs });
  };
};

/** A reply that cannot be written is a fault of ours: said as long as nothing else was said. */
const write = async (
  { streams, logError }: ServeOptions,
  endpoint: Endpoint,
  response: ServerResponse,
  reply: Reply,
  envelope: Envelope,
): Promise<void> => {
  try {
    if (reply.kind === 'events') await stream(streams, response, reply.events, envelope);
    else writeReply(response, reply, envelope);
  } catch (error) {
    logError(error, endpoint.path, envelope.correlationId);
    if (response.headersSent) response.destroy();
    else writeReply(response, refusal('internal_error'), envelope);
  }
};

const stream = async (
  streams: Streams,
  response: ServerResponse,
  events: Extract<Reply, { kind: 'events' }>['events'],
  envelope: Envelope,
): Promise<void> => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const close = streams.open(end);
  if (close === undefined) {
    // Begun by nobody, so that nothing is left waiting behind it.
    await events[Symbol.asyncIterator]().return?.();
    writeReply(response, overloaded, envelope);
    return;
  }
  try {
    await writeEvents({ response, events, envelope, ended });
  } finally {
    close();
  }
};
