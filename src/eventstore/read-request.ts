/** What the server is asked for, a page or a subscription, in its own words. */
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamName } from './names.ts';

const { Empty, StreamIdentifier } = sharedPb;
const { ReadReq } = streamsPb;
const { Options } = ReadReq;
type ReadRequest = streamsPb.ReadReq;

/** Times the server's window of 32: how many events it passes over before it tells how far it is. */
const CHECKPOINT_WINDOWS = 8;
const NOT_OF_THE_SYSTEM = '^[^$].*';

export type PageRequest = {
  /** Forwards it is included. */
  readonly from: 'start' | 'end' | bigint;
  readonly direction: 'forwards' | 'backwards';
  readonly maxCount: number;
};

export type SubscriptionFilter =
  | { readonly streamPrefixes: readonly string[] }
  | { readonly eventTypes: readonly string[] };

/** `from` is a revision. */
export const streamRequest = (stream: StreamName, page: PageRequest): ReadRequest => {
  const options = pageOptions(page);
  const { from } = page;
  const ofStream = new Options.StreamOptions();
  const identifier = new StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  ofStream.setStreamIdentifier(identifier);
  if (from === 'start') ofStream.setStart(new Empty());
  else if (from === 'end') ofStream.setEnd(new Empty());
  else ofStream.setRevision(String(from));
  options.setStream(ofStream);
  return requestWith(options);
};

/** `from` is a commit position. */
export const allRequest = (page: PageRequest): ReadRequest => {
  const options = pageOptions(page);
  options.setAll(allFrom(page.from));
  return requestWith(options);
};

/** Of all streams. `from` is a commit position, exclusive; no filter means every event but the system's own. */
export const subscriptionRequest = (
  from: 'start' | bigint,
  filter: SubscriptionFilter | undefined,
): ReadRequest => {
  const options = new Options();
  options.setSubscription(new Options.SubscriptionOptions());
  options.setAll(allFrom(from));
  options.setFilter(filterOptions(filter));
  return requestWith(options);
};

const pageOptions = ({ direction, maxCount }: PageRequest): streamsPb.ReadReq.Options => {
  const options = new Options();
  const { FORWARDS, BACKWARDS } = Options.ReadDirection;
  options.setReadDirection(direction === 'forwards' ? FORWARDS : BACKWARDS);
  options.setCount(String(maxCount));
  options.setNoFilter(new Empty());
  return options;
};

const allFrom = (from: PageRequest['from']): streamsPb.ReadReq.Options.AllOptions => {
  const options = new Options.AllOptions();
  if (from === 'start') options.setStart(new Empty());
  else if (from === 'end') options.setEnd(new Empty());
  else {
    const position = new Options.Position();
    // One number since the server has no transactions over several calls.
    position.setCommitPosition(String(from));
    position.setPreparePosition(String(from));
    options.setPosition(position);
  }
  return options;
};

const filterOptions = (filter: SubscriptionFilter | undefined): streamsPb.ReadReq.Options.FilterOptions => {
  const options = new Options.FilterOptions();
  const expression = new Options.FilterOptions.Expression();
  if (filter !== undefined && 'streamPrefixes' in filter) {
    expression.setPrefixList([...filter.streamPrefixes]);
    options.setStreamIdentifier(expression);
  } else {
    expression.setRegex(filter === undefined ? NOT_OF_THE_SYSTEM : anyOf(filter.eventTypes));
    options.setEventType(expression);
  }
  options.setCount(new Empty());
  options.setCheckpointintervalmultiplier(CHECKPOINT_WINDOWS);
  return options;
};

const anyOf = (types: readonly string[]): string =>
  `^(?:${types.map((type) => type.replace(/[^A-Za-z0-9_]/g, '\\$&')).join('|')})$`;

const requestWith = (options: streamsPb.ReadReq.Options): ReadRequest => {
  const ids = new Options.UUIDOption();
  ids.setString(new Empty());
  options.setUuidOption(ids);
  options.setResolveLinks(false);
  const request = new ReadReq();
  request.setOptions(options);
  return request;
};
