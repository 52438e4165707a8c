/** What a group is called in requests, in its subscription's id and in the stream of its parked messages. */
import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import { invalidArgument } from '../errors.ts';
import { streamNameOf } from '../streams/append.ts';

export const ALL = '$all';

/** `stream` is `$all` for a group on everything. */
export type GroupName = { readonly stream: string; readonly group: string };

export const subscriptionIdOf = ({ stream, group }: GroupName): string => `${stream}::${group}`;

export const parkedStreamOf = (name: GroupName): string =>
  `$persistentsubscription-${subscriptionIdOf(name)}-parked`;

/** The part that every request about one group shares. */
type NamingOptions = {
  hasAll(): boolean;
  getStreamIdentifier(): StreamIdentifier | undefined;
  getGroupName(): string;
};

export const groupNameOf = (options: NamingOptions | undefined): GroupName => {
  if (options === undefined) throw invalidArgument('a request about a group needs options');
  const group = options.getGroupName();
  if (group === '') throw invalidArgument('a group needs a name');
  return { stream: options.hasAll() ? ALL : sourceStreamOf(options), group };
};

export const sourceStreamOf = (options: Pick<NamingOptions, 'getStreamIdentifier'>): string => {
  const stream = streamNameOf(options);
  if (stream === '' || stream === ALL) throw invalidArgument('a group needs a stream, or $all');
  return stream;
};
