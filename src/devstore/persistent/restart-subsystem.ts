/**
 * PersistentSubscriptions.RestartSubsystem: drops all consumers and starts every group from what is stored.
 */
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { type Registry, restartGroups } from './registry.ts';

export const restartSubsystem = (registry: Registry): InstanceType<typeof sharedPb.Empty> => {
  restartGroups(registry);
  return new sharedPb.Empty();
};
