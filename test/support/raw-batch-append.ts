/**
 * Drives one BatchAppend call message by message, to send what the client never would: interleaved chunks, expired
 * deadlines, requests without options. Answers are kept by correlation id.
 */
import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata } from '@grpc/grpc-js';
import { streamIdentifier } from './raw-streams.ts';

/** Field 6 of the options: a timestamp one second after the epoch. */
const LONG_AGO = Uint8Array.of(0x32, 0x02, 0x08, 0x01);

export type RawBatch = {
  readonly answers: Map<string, BatchAppendResp[]>;
  write(request: BatchAppendReq): void;
  /** Resolves when this many answers have come in all; rejects when the call fails. */
  answered(count: number): Promise<void>;
  /** Half-closes and waits until the server ends the call; resolves with all answers in order. */
  end(): Promise<BatchAppendResp[]>;
};

export function openBatchAppend(stub: StreamsClient, metadata = new Metadata()): RawBatch {
  const all: BatchAppendResp[] = [];
  const answers = new Map<string, BatchAppendResp[]>();
  const waiting: { count: number; done: () => void; fail: (error: Error) => void }[] = [];
  const call = stub.batchAppend(metadata);
  let failed: Error | undefined;
  call.on('data', (response: BatchAppendResp) => {
    all.push(response);
    const id = response.getCorrelationId()?.getString() ?? 'no correlation id';
    answers.set(id, [...(answers.get(id) ?? []), response]);
    for (const wait of waiting) if (all.length >= wait.count) wait.done();
  });
  const ended = new Promise<BatchAppendResp[]>((done, fail) => {
    call.on('end', () => done(all));
    call.on('error', (error: Error) => {
      failed = error;
      fail(error);
      for (const wait of waiting) wait.fail(error);
    });
  });
  ended.catch(() => undefined);
  return {
    answers,
    write: (request) => {
      call.write(request);
    },
    answered: (count) =>
      new Promise((done, fail) => {
        if (failed) fail(failed);
        else if (all.length >= count) done();
        else waiting.push({ count, done, fail });
      }),
    end: () => {
      call.end();
      return ended;
    },
  };
}

export type Chunk = {
  readonly correlationId: string;
  readonly stream?: string;
  readonly expected?: 'any' | 'no_stream' | bigint | 'none';
  readonly events?: number;
  readonly eventId?: string;
  readonly final?: boolean;
  readonly expired?: boolean;
};

/** One message; it carries options when a stream is named. */
export function chunk(what: Chunk): BatchAppendReq {
  const request = new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(what.correlationId))
    .setIsFinal(what.final ?? true);
  if (what.stream !== undefined) request.setOptions(options(what, what.stream));
  for (let index = 0; index < (what.events ?? 1); index += 1) {
    const message = new streams.BatchAppendReq.ProposedMessage()
      .setId(new shared.UUID().setString(what.eventId ?? randomUUID()))
      .setData(Buffer.from('{}'));
    message.getMetadataMap().set('type', 'Raw').set('content-type', 'application/json');
    request.addProposedMessages(message);
  }
  return request;
}

function options(what: Chunk, stream: string): InstanceType<typeof streams.BatchAppendReq.Options> {
  const result = what.expired
    ? streams.BatchAppendReq.Options.deserializeBinary(LONG_AGO)
    : new streams.BatchAppendReq.Options();
  result.setStreamIdentifier(streamIdentifier(stream));
  const expected = what.expected ?? 'any';
  if (expected === 'any') result.setAny(new shared.Empty());
  else if (expected === 'no_stream') result.setNoStream(new shared.Empty());
  else if (expected !== 'none') result.setStreamPosition(`${expected}`);
  return result;
}

/** The full name of the error type in a refusal, or undefined for a success. */
export const errorTypeOf = (response: BatchAppendResp | undefined): string | undefined =>
  response?.getError()?.getDetails()?.getTypeName();
