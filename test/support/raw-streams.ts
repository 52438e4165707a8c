/**
 * Speaks the wire contract without the client, for what the client hides or cannot send: trailers, credentials
 * without TLS, the classic append, filtered reads and badly formed requests.
 */
import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { StreamsClient as RawStreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import grpcStubs from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { AppendReq, AppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, Metadata as GrpcMetadata, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';

export const addressOf = (url: string): string => new URL(url.replace(/^esdb(\+discover)?:/, 'http:')).host;

/** A stub on a connection of its own, closed when the test ends. */
export function rawStreams(url: string): RawStreamsClient {
  const stub = new grpcStubs.StreamsClient(addressOf(url), credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  onTestFinished(() => stub.close());
  return stub;
}

export function basicAuth(user: string, password: string): Metadata {
  const metadata = new GrpcMetadata();
  metadata.set('authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  return metadata;
}

export function streamIdentifier(name: string): InstanceType<typeof shared.StreamIdentifier> {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(name).toString('base64'));
}

export type RawEvent = { readonly id?: string; readonly type?: string; readonly data?: Uint8Array };

/** A request of the classic append: the options, then one message per event. */
export function appendOptions(
  stream: string,
  expected: 'any' | 'no_stream' | 'stream_exists' | bigint,
): AppendReq {
  const options = new streams.AppendReq.Options().setStreamIdentifier(streamIdentifier(stream));
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new shared.Empty());
  else options.setRevision(`${expected}`);
  return new streams.AppendReq().setOptions(options);
}

export function appendMessage(event: RawEvent = {}): AppendReq {
  const message = new streams.AppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(event.id ?? randomUUID()))
    .setData(event.data ?? Buffer.from('{}'));
  message.getMetadataMap().set('type', event.type ?? 'Raw');
  message.getMetadataMap().set('content-type', 'application/json');
  return new streams.AppendReq().setProposedMessage(message);
}

export function classicAppend(
  stub: RawStreamsClient,
  requests: readonly AppendReq[],
  metadata: Metadata = new GrpcMetadata(),
): Promise<AppendResp> {
  return new Promise((done, fail) => {
    const call = stub.append(metadata, (error, response) => (error ? fail(error) : done(response)));
    for (const request of requests) call.write(request);
    call.end();
  });
}

/** The options every read needs; the caller adds what to read. */
export function readOptions(): ReadReq.Options {
  return new streams.ReadReq.Options()
    .setCount('100')
    .setNoFilter(new shared.Empty())
    .setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty()));
}

export function readStreamOptions(stream: string): ReadReq.Options {
  const what = new streams.ReadReq.Options.StreamOptions()
    .setStreamIdentifier(streamIdentifier(stream))
    .setStart(new shared.Empty());
  return readOptions().setStream(what);
}

export function rawRead(
  stub: RawStreamsClient,
  options: ReadReq.Options,
  metadata: Metadata = new GrpcMetadata(),
): Promise<ReadResp[]> {
  return new Promise((done, fail) => {
    const responses: ReadResp[] = [];
    const call = stub.read(new streams.ReadReq().setOptions(options), metadata);
    call.on('data', (response: ReadResp) => responses.push(response));
    call.on('error', fail);
    call.on('end', () => done(responses));
  });
}

/** The status and the trailing metadata of a refused call, as plain text. */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<{ readonly code: number; readonly trailers: Record<string, string> }> {
  try {
    await work;
  } catch (error) {
    const { code, metadata } = error as ServiceError;
    const trailers = Object.entries(metadata.getMap()).map(([key, value]) => [key, value.toString()]);
    return { code, trailers: Object.fromEntries(trailers) as Record<string, string> };
  }
  throw new Error('This call should have been refused, and it succeeded.');
}
