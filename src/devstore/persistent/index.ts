/**
 * The PersistentSubscriptions service: groups of consumers that share a stream, or `$all`, at least once each
 * event.
 */
import persistentGrpc from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { duplex, type OpenCalls, unary } from '../calls.ts';
import type { Log } from '../store/log.ts';
import type { Writer } from '../store/writer.ts';
import { createGroup } from './create.ts';
import { deleteGroup } from './delete.ts';
import { getInfo } from './get-info.ts';
import { listGroups } from './list.ts';
import { readGroup } from './read.ts';
import { closeGroups, openRegistry } from './registry.ts';
import { replayParked } from './replay-parked.ts';
import { restartSubsystem } from './restart-subsystem.ts';
import { updateGroup } from './update.ts';

/** The generated service, but for what consumers are sent: those are bytes. */
export const persistentService = {
  ...persistentGrpc.PersistentSubscriptionsService,
  read: {
    ...persistentGrpc.PersistentSubscriptionsService.read,
    responseSerialize: (message: Buffer) => message,
  },
};

export type PersistentSubscriptions = {
  readonly implementation: UntypedServiceImplementation;
  /** Makes checkpoints durable. Comes before the store is closed, and after the calls are ended. */
  readonly close: () => void;
};

/** Opens all stored groups. Throws CorruptRecordError where one is damaged. */
export const openPersistentSubscriptions = (
  log: Log,
  writer: Writer,
  openCalls: OpenCalls,
): PersistentSubscriptions => {
  const registry = openRegistry(log, writer);
  return {
    implementation: {
      create: unary((request) => createGroup(registry, request)),
      update: unary((request) => updateGroup(registry, request)),
      delete: unary((request) => deleteGroup(registry, request)),
      read: duplex(openCalls, (call) => readGroup(registry, openCalls, call)),
      getInfo: unary((request) => getInfo(registry, request)),
      list: unary((request) => listGroups(registry, request)),
      replayParked: unary((request) => replayParked(registry, request)),
      restartSubsystem: unary(() => restartSubsystem(registry)),
    },
    close: () => closeGroups(registry),
  };
};
