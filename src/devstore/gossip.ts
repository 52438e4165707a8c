/** Gossip: a cluster of one, alive and its own leader, for clients that discover their node. */
import { randomBytes } from 'node:crypto';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { uuidText } from './wire/uuid.ts';

export const clusterOfOne = (host: string, port: () => number): (() => ClusterInfo) => {
  const instanceId = new sharedPb.UUID();
  instanceId.setString(uuidText(randomBytes(16)));
  return () => {
    const endPoint = new gossipPb.EndPoint();
    endPoint.setAddress(host);
    endPoint.setPort(port());
    const member = new gossipPb.MemberInfo();
    member.setInstanceId(instanceId);
    member.setTimeStamp(`${Date.now()}0000`);
    member.setState(gossipPb.MemberInfo.VNodeState.LEADER);
    member.setIsAlive(true);
    member.setHttpEndPoint(endPoint);
    const cluster = new gossipPb.ClusterInfo();
    cluster.addMembers(member);
    return cluster;
  };
};
