/**
 * Everything we must know about the inside of `@eventstore/db-client` 6.2: how to open one that shares no
 * connection with its predecessor, how to be sure that it is connected, and how to get rid of it.
 * See docs/adr/0003-event-store-client.md.
 */
import { Duplex } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { type ClientReadableStream, Client as GrpcClient } from '@grpc/grpc-js';
import { EventStoreError } from './errors.ts';
import { decodeReadResponse, type ReadResponse } from './read-response.ts';
import { withTimeout } from './timing.ts';

const KEEP_ALIVE_INTERVAL_MS = 10_000;
/** Connections this many generations apart may be shared again; the older one is long dead by then. */
const GENERATIONS_APART = 1_000;
/**
 * Cancelling is local to the process and takes milliseconds; the bound is for a client that has lost its
 * mind.
 */
const DISPOSE_TIMEOUT_MS = 2_000;

const READ_METHOD = '/event_store.client.streams.Streams/Read';

/**
 * grpc-js keeps one connection per address and channel options and gives it to every new channel, a wedged
 * one too. A slightly different keep-alive interval makes the options differ, so that a new client really is
 * new. Of a repeated option the last one counts.
 */
export function openClient(connectionString: string, generation: number): EventStoreDBClient {
  const plain = connectionString.trim().replace(/\/+$/, '');
  const keepAliveIntervalMs = KEEP_ALIVE_INTERVAL_MS + (generation % GENERATIONS_APART);
  const separator = plain.includes('?') ? '&' : '?';
  const own = `throwOnAppendFailure=true&keepAliveInterval=${keepAliveIntervalMs}`;
  return EventStoreDBClient.connectionString(`${plain}${separator}${own}`);
}

/**
 * Asks the server what it supports, as the client would before its first append, where it would wait for
 * ever. Afterwards an append goes out without waiting for anything, so none can come alive late on a retired
 * client.
 */
export async function connectClient(client: EventStoreDBClient, timeoutMs: number): Promise<void> {
  await withTimeout(
    client['capabilities'],
    timeoutMs,
    () => new EventStoreError('timed-out', `The event store did not answer within ${timeoutMs} ms.`),
  );
}

/**
 * Cancels every call of the client and closes its connection. The appends in flight are rejected, in the
 * whole process: no other client may have any while this runs. Never rejects.
 */
export async function retireClient(client: EventStoreDBClient): Promise<void> {
  const late = (): Error => new Error(`The client was not disposed within ${DISPOSE_TIMEOUT_MS} ms.`);
  try {
    await withTimeout(client.dispose(), DISPOSE_TIMEOUT_MS, late);
    const channel = await withTimeout(client['getChannel'](), DISPOSE_TIMEOUT_MS, late);
    channel.close();
  } catch {
    // It is of no use any more either way, and whoever waited on it has time-outs of his own.
  }
}

export type Read = ClientReadableStream<ReadResponse>;

/**
 * The client's own read, over its connection and with its credentials, but for what is made of the answers: a page, or a
 * subscription. Errors are those of gRPC, and being cancelled is one of them.
 */
export function openRead(client: EventStoreDBClient, request: ReadReq): Promise<Read> {
  const open = client['GRPCStreamCreator'](GrpcClient, 'read', (grpc) =>
    grpc.makeServerStreamRequest(
      READ_METHOD,
      serialize,
      decodeReadResponse,
      request,
      ...client['callArguments']({}, { deadline: Number.POSITIVE_INFINITY }),
    ),
  );
  return open();
}

/** What never began has nothing to cancel. What is just beginning must have begun: gRPC forgets it otherwise. */
export function cancelRead(reading: Promise<Read>): void {
  reading.then(
    (read) => setImmediate(() => read.cancel()),
    () => undefined,
  );
}

const serialize = (request: ReadReq): Buffer => Buffer.from(request.serializeBinary());

/** The one stream that all batch appends of a client share; undefined until the first append opens it. */
export function batchAppendStream(client: EventStoreDBClient): Duplex | undefined {
  const streams: unknown = client['disposableStreams'];
  if (!(streams instanceof Set)) throw new Error('This version of @eventstore/db-client is not supported.');
  for (const stream of streams) if (stream instanceof Duplex) return stream;
  return undefined;
}
