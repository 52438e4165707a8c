/** ServerFeatures: what this server answers, in the lower case the client looks for. */

import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import serverFeaturesPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { ServiceDefinition } from '@grpc/grpc-js';

/** The version whose behaviour this server follows. */
const VERSION = '24.10.0';

/** What a method can do beyond its first version. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  'streams/batchappend': ['deadline_duration'],
  'streams/read': ['position', 'events'],
  'persistentsubscriptions/create': ['stream', 'all'],
  'persistentsubscriptions/update': ['stream', 'all'],
  'persistentsubscriptions/delete': ['stream', 'all'],
  'persistentsubscriptions/read': ['stream', 'all'],
  'persistentsubscriptions/getinfo': ['stream', 'all'],
  'persistentsubscriptions/list': ['stream', 'all'],
  'persistentsubscriptions/replayparked': ['stream', 'all'],
};

export const supportedMethods = (services: readonly ServiceDefinition[]): SupportedMethods => {
  const supported = new serverFeaturesPb.SupportedMethods();
  supported.setEventStoreServerVersion(VERSION);
  for (const service of services) {
    for (const { path } of Object.values(service)) {
      const [, serviceName = '', methodName = ''] = path.toLowerCase().split('/');
      const method = new serverFeaturesPb.SupportedMethod();
      method.setServiceName(serviceName);
      method.setMethodName(methodName);
      method.setFeaturesList([...(FEATURES[`${serviceName.split('.').at(-1)}/${methodName}`] ?? [])]);
      supported.addMethods(method);
    }
  }
  return supported;
};
