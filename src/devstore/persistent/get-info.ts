/** PersistentSubscriptions.GetInfo: one group's settings, statistics and consumers. */
import type { GetInfoReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { infoOf } from './info.ts';
import { groupNameOf } from './names.ts';
import { findGroup, type Registry } from './registry.ts';

export const getInfo = (
  registry: Registry,
  request: GetInfoReq,
): InstanceType<typeof persistentPb.GetInfoResp> => {
  const response = new persistentPb.GetInfoResp();
  response.setSubscriptionInfo(infoOf(findGroup(registry, groupNameOf(request.getOptions()))));
  return response;
};
