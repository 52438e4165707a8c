/**
 * PersistentSubscriptions.ReplayParked: gives consumers the parked messages again, all or those before a
 * revision.
 */
import type { ReplayParkedReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { groupNameOf } from './names.ts';
import { findGroup, type Registry } from './registry.ts';

export const replayParked = (
  registry: Registry,
  request: ReplayParkedReq,
): InstanceType<typeof persistentPb.ReplayParkedResp> => {
  const options = request.getOptions();
  const group = findGroup(registry, groupNameOf(options));
  group.replayParked(options?.hasStopAt() ? Number(options.getStopAt()) : Number.POSITIVE_INFINITY);
  return new persistentPb.ReplayParkedResp();
};
