/**
 * PersistentSubscriptions.Delete: the group, its checkpoint and its parked messages go; its consumers are
 * dropped.
 */
import type { DeleteReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { groupNameOf } from './names.ts';
import { dropGroup, type Registry } from './registry.ts';

export const deleteGroup = async (
  registry: Registry,
  request: DeleteReq,
): Promise<InstanceType<typeof persistentPb.DeleteResp>> => {
  await dropGroup(registry, groupNameOf(request.getOptions()));
  return new persistentPb.DeleteResp();
};
