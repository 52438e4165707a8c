/** What the server is asked for one page, in its own words. */
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamName } from './names.ts';

const { Empty, StreamIdentifier } = sharedPb;
const { ReadReq } = streamsPb;

export type PageRequest = {
  /** Forwards it is included. */
  readonly from: 'start' | 'end' | bigint;
  readonly direction: 'forwards' | 'backwards';
  readonly maxCount: number;
};

/** `from` is a revision. */
export const streamRequest = (stream: StreamName, { from, ...page }: PageRequest): streamsPb.ReadReq => {
  const options = new ReadReq.Options.StreamOptions();
  const identifier = new StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(identifier);
  if (from === 'start') options.setStart(new Empty());
  else if (from === 'end') options.setEnd(new Empty());
  else options.setRevision(from.toString());
  const request = requestFor(page);
  request.getOptions()?.setStream(options);
  return request;
};

/** `from` is a commit position. */
export const allRequest = ({ from, ...page }: PageRequest): streamsPb.ReadReq => {
  const options = new ReadReq.Options.AllOptions();
  if (from === 'start') options.setStart(new Empty());
  else if (from === 'end') options.setEnd(new Empty());
  else {
    const position = new ReadReq.Options.Position();
    // One number since the server has no transactions over several calls.
    position.setCommitPosition(from.toString());
    position.setPreparePosition(from.toString());
    options.setPosition(position);
  }
  const request = requestFor(page);
  request.getOptions()?.setAll(options);
  return request;
};

const requestFor = ({ direction, maxCount }: Omit<PageRequest, 'from'>): streamsPb.ReadReq => {
  const ids = new ReadReq.Options.UUIDOption();
  ids.setString(new Empty());
  const options = new ReadReq.Options();
  options.setUuidOption(ids);
  options.setNoFilter(new Empty());
  options.setResolveLinks(false);
  options.setReadDirection(
    direction === 'forwards'
      ? ReadReq.Options.ReadDirection.FORWARDS
      : ReadReq.Options.ReadDirection.BACKWARDS,
  );
  options.setCount(String(maxCount));
  const request = new ReadReq();
  request.setOptions(options);
  return request;
};
