/** PersistentSubscriptions.Update: new settings for a group. Its filter and its checkpoint stay. */
import type { UpdateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { invalidArgument } from '../errors.ts';
import { ALL, type GroupName, sourceStreamOf } from './names.ts';
import { changeGroup, type Registry } from './registry.ts';
import { settingsOf, startFromAll, startFromStream } from './settings.ts';

export const updateGroup = (
  registry: Registry,
  request: UpdateReq,
): InstanceType<typeof persistentPb.UpdateResp> => {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('a group needs options');
  const all = options.getAll();
  const stream = all === undefined ? sourceStreamOf(options.getStream() ?? options) : ALL;
  const name: GroupName = { stream, group: options.getGroupName() };
  const message = options.getSettings();
  const startFrom = all === undefined ? startFromStream(options.getStream(), message) : startFromAll(all);
  changeGroup(registry, name, ({ filter }) => settingsOf(name, message, startFrom, filter));
  return new persistentPb.UpdateResp();
};
