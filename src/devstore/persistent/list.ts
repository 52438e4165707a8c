/** PersistentSubscriptions.List: the groups of a stream, of `$all`, or all there are. */
import type { ListReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { groupDoesNotExist } from './errors.ts';
import type { Group } from './group.ts';
import { infoOf } from './info.ts';
import { ALL, sourceStreamOf } from './names.ts';
import { allGroups, type Registry } from './registry.ts';

export const listGroups = (
  registry: Registry,
  request: ListReq,
): InstanceType<typeof persistentPb.ListResp> => {
  const response = new persistentPb.ListResp();
  response.setSubscriptionsList(listed(registry, request.getOptions()?.getListForStream()).map(infoOf));
  return response;
};

/** Asking about one stream that has no groups is an error in the contract, and asking for all is none. */
const listed = (registry: Registry, only: ListReq.StreamOption | undefined): readonly Group[] => {
  if (only === undefined) return allGroups(registry);
  const stream = only.hasAll() ? ALL : sourceStreamOf({ getStreamIdentifier: () => only.getStream() });
  const groups = allGroups(registry).filter(({ name }) => name.stream === stream);
  if (groups.length === 0) throw groupDoesNotExist({ stream, group: '' });
  return groups;
};
