/** Streams.Read: reads of a stream or of `$all` either way, and subscriptions to both. */
import { randomUUID } from 'node:crypto';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { type ResponseStream, writeAndWait } from '../calls.ts';
import { invalidArgument, streamDeleted } from '../errors.ts';
import { type Filter, filterOf } from '../reading/filter.ts';
import {
  allBackwards,
  allForwards,
  type EventCursor,
  readableRow,
  streamBackwards,
  streamForwards,
} from '../reading/source.ts';
import { type ReadContext, sendRecords, subscribe } from '../reading/subscription.ts';
import { type Log, recordAt, rowOf, seekForward } from '../store/log.ts';
import { isMetastream, originalOf } from '../store/metadata.ts';
import type { Writer } from '../store/writer.ts';
import { encodeConfirmation, encodeStreamNotFound } from '../wire/read-response.ts';

const BACKWARDS = 1;

export const read = async (
  log: Log,
  writer: Writer,
  request: ReadReq,
  call: ResponseStream,
): Promise<void> => {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('a read needs options');
  const context: ReadContext = {
    log,
    writer,
    resolveLinks: options.getResolveLinks(),
    structuredId: options.getUuidOption()?.hasStructured() ?? false,
  };
  const filterOptions = options.getFilter();
  const filter = filterOptions && filterOf(filterOptions);
  const backwards = options.getReadDirection() === BACKWARDS;
  const subscription = options.hasSubscription();
  if (subscription && backwards) throw invalidArgument('a subscription reads forwards');

  const streamOptions = options.getStream();
  if (streamOptions === undefined) {
    const all = options.getAll();
    if (all === undefined) throw invalidArgument('a read needs a stream, or $all');
    if (subscription) return subscribeToAll(call, context, all, filter);
    const from = positionOf(log, all);
    const cursor = backwards ? allBackwards(log, from, filter) : allForwards(log, from, filter);
    return sendCounted(call, context, cursor, countOf(options));
  }

  const stream = streamNameOf(streamOptions);
  refuseTombstoned(log, stream);
  if (subscription) return subscribeToStream(call, context, stream, streamOptions);
  if (readableRow(log, stream) === undefined) {
    await writeAndWait(call, encodeStreamNotFound(stream));
    return;
  }
  const from = { stream, from: revisionOf(streamOptions), nowMs: Date.now };
  const cursor = backwards ? streamBackwards(log, from) : streamForwards(log, from);
  return sendCounted(call, context, cursor, countOf(options));
};

const sendCounted = async (
  call: ResponseStream,
  context: ReadContext,
  cursor: EventCursor,
  count: number,
): Promise<void> => {
  let left = count;
  while (left > 0 && !call.cancelled) {
    const page = cursor.next(left);
    await sendRecords(call, context, page.records);
    left -= page.records.length;
    if (page.atEnd) return;
  }
};

const subscribeToAll = async (
  call: ResponseStream,
  context: ReadContext,
  all: ReadReq.Options.AllOptions,
  filter: Filter | undefined,
): Promise<void> => {
  const asked = positionOf(context.log, all);
  const from = all.hasPosition() ? behind(context.log, asked) : asked;
  await writeAndWait(call, encodeConfirmation(randomUUID()));
  await subscribe(call, context, allForwards(context.log, from, filter), filter);
};

/** Subscriptions are exclusive of the position they start from. */
const behind = (log: Log, position: number): number => {
  const at = seekForward(log, position);
  return at === position && at < log.endPosition ? recordAt(log, at).nextPosition : at;
};

const subscribeToStream = async (
  call: ResponseStream,
  context: ReadContext,
  stream: string,
  options: ReadReq.Options.StreamOptions,
): Promise<void> => {
  const { log } = context;
  const end = (): number => (rowOf(log, stream)?.lastRevision ?? -1) + 1;
  const from = options.hasEnd() ? end() : options.hasStart() ? 0 : toNumber(options.getRevision()) + 1;
  await writeAndWait(call, encodeConfirmation(randomUUID()));
  const cursor = streamForwards(log, { stream, from, nowMs: Date.now });
  // A tombstone ends whoever follows the stream, as a read of it is refused.
  const followed: EventCursor = {
    ...cursor,
    next: (maxEvents) => {
      refuseTombstoned(log, stream);
      return cursor.next(maxEvents);
    },
  };
  await subscribe(call, context, followed, undefined);
};

const refuseTombstoned = (log: Log, stream: string): void => {
  const original = isMetastream(stream) ? originalOf(stream) : stream;
  if (rowOf(log, original)?.tombstoned) throw streamDeleted(stream);
};

const streamNameOf = (options: ReadReq.Options.StreamOptions): string => {
  const name = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  if (name === '') throw invalidArgument('a read needs a stream name');
  return name;
};

const revisionOf = (options: ReadReq.Options.StreamOptions): number => {
  if (options.hasEnd()) return Number.MAX_SAFE_INTEGER;
  if (options.hasStart()) return 0;
  return toNumber(options.getRevision());
};

const positionOf = (log: Log, all: ReadReq.Options.AllOptions): number => {
  if (all.hasEnd()) return log.endPosition;
  return all.hasStart() ? 0 : toNumber(all.getPosition()?.getCommitPosition() ?? '0');
};

const countOf = (options: ReadReq.Options): number => toNumber(options.getCount());

/** The contract's unsigned 64-bit numbers; what no log reaches is as good as its end. */
const toNumber = (decimal: string): number => Math.min(Number(decimal), Number.MAX_SAFE_INTEGER);
