/** PersistentSubscriptions.Create: a group on a stream, or on `$all` with a filter. */
import type { CreateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { invalidArgument } from '../errors.ts';
import { ALL, type GroupName, sourceStreamOf } from './names.ts';
import { addGroup, type Registry } from './registry.ts';
import { compiledFilter, type GroupSettings, settingsOf, startFromAll, startFromStream } from './settings.ts';

export const createGroup = async (
  registry: Registry,
  request: CreateReq,
): Promise<InstanceType<typeof persistentPb.CreateResp>> => {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('a group needs options');
  const name = targetOf(options);
  await addGroup(registry, name, settingsFrom(name, options));
  return new persistentPb.CreateResp();
};

const targetOf = (options: CreateReq.Options): GroupName => {
  const group = options.getGroupName();
  if (group === '') throw invalidArgument('a group needs a name');
  // Older clients name the stream beside the options of the stream.
  return { stream: options.hasAll() ? ALL : sourceStreamOf(options.getStream() ?? options), group };
};

const settingsFrom = (name: GroupName, options: CreateReq.Options): GroupSettings => {
  const message = options.getSettings();
  const strategyName = message?.getConsumerStrategy();
  const all = options.getAll();
  if (all === undefined) {
    const startFrom = startFromStream(options.getStream(), message);
    return settingsOf(name, message, startFrom, null, strategyName);
  }
  const filterOptions = all.getFilter();
  const filter =
    filterOptions === undefined ? null : Buffer.from(filterOptions.serializeBinary()).toString('base64');
  // Compiled once here, so that an expression that is not valid is refused and never stored.
  compiledFilter(filter);
  return settingsOf(name, message, startFromAll(all), filter, strategyName);
};
