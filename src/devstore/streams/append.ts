/** Streams.Append: the older append, one call for each: options first, then an event a message. */

import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream } from '@grpc/grpc-js';
import { errorOfRefusal, invalidArgument } from '../errors.ts';
import { type ExpectedRevision, type ProposedEvent, type Refusal, sizeOf } from '../store/append.ts';
import type { Written } from '../store/transaction.ts';
import type { Writer } from '../store/writer.ts';
import { decodeUuid } from '../wire/uuid.ts';
import { checkAppend } from './proposed.ts';

export const append = async (
  writer: Writer,
  maxAppendBytes: number,
  requests: ServerReadableStream<AppendReq, AppendResp>,
): Promise<AppendResp> => {
  let options: AppendReq.Options | undefined;
  const events: ProposedEvent[] = [];
  let bytes = 0;
  for await (const request of requests as AsyncIterable<AppendReq>) {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message === undefined) continue;
    const event = proposedEventOf(message);
    bytes += sizeOf(event);
    if (bytes <= maxAppendBytes) events.push(event);
  }
  if (options === undefined) throw invalidArgument('the first message of an append carries its options');
  const stream = streamNameOf(options);
  const checked = checkAppend(stream, expectedOf(options), events, bytes, maxAppendBytes);
  if (checked.kind !== 'accepted') throw errorOfRefusal(stream, checked);
  const outcome = await writer.append(
    stream,
    checked.expected,
    checked.events,
    Number.POSITIVE_INFINITY,
    bytes,
  );
  if (outcome.kind === 'written') return success(outcome);
  if (outcome.kind === 'wrong_expected_revision') return wrongExpected(outcome);
  throw errorOfRefusal(stream, outcome);
};

const proposedEventOf = (message: AppendReq.ProposedMessage): ProposedEvent => ({
  id: decodeUuid(Buffer.from(message.getId()?.serializeBinary() ?? [])),
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  metadata: Buffer.from(message.getCustomMetadata_asU8()),
  data: Buffer.from(message.getData_asU8()),
});

const success = ({ revision, position }: Written): AppendResp => {
  const body = new streamsPb.AppendResp.Success();
  if (revision < 0) body.setNoStream(new sharedPb.Empty());
  else body.setCurrentRevision(String(revision));
  if (position === undefined) body.setNoPosition(new sharedPb.Empty());
  else {
    const at = new streamsPb.AppendResp.Position();
    at.setCommitPosition(String(position));
    at.setPreparePosition(String(position));
    body.setPosition(at);
  }
  const response = new streamsPb.AppendResp();
  response.setSuccess(body);
  return response;
};

/** Of all refusals this one alone is an answer, not an error. */
const wrongExpected = (refusal: Extract<Refusal, { kind: 'wrong_expected_revision' }>): AppendResp => {
  const body = new streamsPb.AppendResp.WrongExpectedVersion();
  if (refusal.current < 0) body.setCurrentNoStream(new sharedPb.Empty());
  else body.setCurrentRevision(String(refusal.current));
  if (refusal.expected === 'any') body.setExpectedAny(new sharedPb.Empty());
  else if (refusal.expected === 'no_stream') body.setExpectedNoStream(new sharedPb.Empty());
  else if (refusal.expected === 'stream_exists') body.setExpectedStreamExists(new sharedPb.Empty());
  else body.setExpectedRevision(String(refusal.expected));
  const response = new streamsPb.AppendResp();
  response.setWrongExpectedVersion(body);
  return response;
};

/** The options that appends, deletes and tombstones share. */
type StreamOptions = Pick<
  AppendReq.Options,
  'getStreamIdentifier' | 'hasNoStream' | 'hasStreamExists' | 'hasAny'
> & {
  hasRevision(): boolean;
  getRevision(): string;
};

export const streamNameOf = (options: Pick<StreamOptions, 'getStreamIdentifier'>): string =>
  Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();

/** Undefined when the caller named none. */
export const expectedOf = (options: StreamOptions): ExpectedRevision | undefined => {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasAny() ? 'any' : undefined;
};

/** As `expectedOf`, for the RPCs that have no other way to refuse. Throws INVALID_ARGUMENT. */
export const requiredExpectedOf = (options: StreamOptions): ExpectedRevision => {
  const expected = expectedOf(options);
  if (expected === undefined) throw invalidArgument('an expected revision is needed');
  return expected;
};
