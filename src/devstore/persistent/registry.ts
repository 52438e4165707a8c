/** All groups of this server: opened from the store, found by name, closed before it. */

import { CorruptRecordError } from '../store/corrupt.ts';
import type { Log } from '../store/log.ts';
import type { Writer } from '../store/writer.ts';
import { groupDoesNotExist, groupExists } from './errors.ts';
import { type Group, openGroup } from './group.ts';
import type { GroupName } from './names.ts';
import { forgetParked } from './parking.ts';
import type { GroupSettings } from './settings.ts';
import { beginningOf } from './source.ts';
import { type GroupRow, groupKey, loadGroups, removeGroup, saveGroup } from './store.ts';

export type Registry = {
  readonly log: Log;
  readonly writer: Writer;
  readonly groups: Map<string, Group>;
  /** What cannot be opened. By key, as everything here: a damaged row does not tell its name. */
  readonly damaged: Map<string, CorruptRecordError>;
};

export const openRegistry = (log: Log, writer: Writer): Registry => {
  const registry: Registry = { log, writer, groups: new Map(), damaged: new Map() };
  startAll(registry);
  return registry;
};

/** Throws `persistent-subscription-does-not-exist`, or CorruptRecordError where its row is damaged. */
export const findGroup = ({ groups, damaged }: Registry, name: GroupName): Group => {
  refuseDamaged(damaged.get(groupKey(name)));
  const group = groups.get(groupKey(name));
  if (group === undefined) throw groupDoesNotExist(name);
  return group;
};

/** Throws CorruptRecordError: a list that leaves a damaged group out would be wrong and look right. */
export const allGroups = ({ groups, damaged }: Registry): readonly Group[] => {
  refuseDamaged([...damaged.values()][0]);
  return [...groups.values()];
};

/** Throws `persistent-subscription-exists`. */
export const addGroup = async (
  registry: Registry,
  name: GroupName,
  settings: GroupSettings,
): Promise<void> => {
  const { log, writer } = registry;
  refuseExisting(registry, name);
  // A crash while a group of this name was removed may have left its parked messages.
  await forgetParked(log, writer, name);
  refuseExisting(registry, name);
  const beginAt = beginningOf(log, name.stream, settings.startFrom);
  const row: GroupRow = { ...name, settings, beginAt, checkpoint: null };
  saveGroup(log.tables, row);
  start(registry, row);
};

/** Drops the group's consumers, as the real server does: they come back to the new settings. */
export const changeGroup = (
  registry: Registry,
  name: GroupName,
  change: (settings: GroupSettings) => GroupSettings,
): void => {
  const { log } = registry;
  const group = findGroup(registry, name);
  const settings = change(group.report().row.settings);
  const row = group.close();
  const isMoved = row.checkpoint === null && settings.startFrom !== row.settings.startFrom;
  const beginAt = isMoved ? beginningOf(log, name.stream, settings.startFrom) : row.beginAt;
  const next: GroupRow = { ...row, settings, beginAt };
  orGoOn(registry, row, () => saveGroup(log.tables, next));
  start(registry, next);
};

/**
 * Removes the group and its parked messages, and drops its consumers. This is how a damaged one is got rid
 * of.
 */
export const dropGroup = async (registry: Registry, name: GroupName): Promise<void> => {
  const { log, writer, groups, damaged } = registry;
  const key = groupKey(name);
  const row = damaged.has(key) ? undefined : findGroup(registry, name).close();
  orGoOn(registry, row, () => removeGroup(log.tables, name));
  groups.delete(key);
  damaged.delete(key);
  await forgetParked(log, writer, name);
};

/** Drops all consumers and opens all groups anew. */
export const restartGroups = (registry: Registry): void => {
  closeGroups(registry);
  startAll(registry);
};

export const closeGroups = ({ groups }: Registry): void => {
  for (const group of groups.values()) group.close();
  groups.clear();
};

const startAll = (registry: Registry): void => {
  const stored = loadGroups(registry.log.tables);
  registry.damaged.clear();
  for (const [key, error] of stored.damaged) registry.damaged.set(key, error);
  for (const row of stored.rows) {
    try {
      start(registry, row);
    } catch (error) {
      // One damaged stream must not keep the server, and all other groups, from starting.
      if (!(error instanceof CorruptRecordError)) throw error;
      registry.damaged.set(groupKey(row), error);
    }
  }
};

const start = ({ log, writer, groups }: Registry, row: GroupRow): void => {
  groups.set(groupKey(row), openGroup(log, writer, row));
};

/** A store that cannot write must not cost a group that was already closed. */
const orGoOn = (registry: Registry, row: GroupRow | undefined, write: () => void): void => {
  try {
    write();
  } catch (error) {
    if (row !== undefined) start(registry, row);
    throw error;
  }
};

const refuseExisting = ({ groups, damaged }: Registry, name: GroupName): void => {
  refuseDamaged(damaged.get(groupKey(name)));
  if (groups.has(groupKey(name))) throw groupExists(name);
};

const refuseDamaged = (error: CorruptRecordError | undefined): void => {
  if (error !== undefined) throw error;
};
