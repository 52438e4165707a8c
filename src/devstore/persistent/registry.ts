/** All groups of this server: opened from the store, found by name, closed before it. */
import type { Log } from '../store/log.ts';
import type { Writer } from '../store/writer.ts';
import { groupDoesNotExist, groupExists } from './errors.ts';
import { type Group, openGroup } from './group.ts';
import { type GroupName, parkedStreamOf, subscriptionIdOf } from './names.ts';
import { hasParked } from './parking.ts';
import type { GroupSettings } from './settings.ts';
import { beginningOf } from './source.ts';
import { type GroupRow, loadGroups, removeGroup, saveGroup } from './store.ts';

/** All but `list` throw `persistent-subscription-does-not-exist` where there is no such group. */
export type Registry = {
  readonly find: (name: GroupName) => Group;
  readonly list: () => readonly Group[];
  /** Throws `persistent-subscription-exists`. */
  readonly create: (name: GroupName, settings: GroupSettings) => void;
  /** Drops the group's consumers, as the real server does: they come back to the new settings. */
  readonly update: (name: GroupName, change: (settings: GroupSettings) => GroupSettings) => void;
  /** Removes the group and its parked messages, and drops its consumers. */
  readonly remove: (name: GroupName) => Promise<void>;
  /** Drops all consumers and opens all groups anew. */
  readonly restart: () => void;
  readonly close: () => void;
};

export const openRegistry = (log: Log, writer: Writer): Registry => {
  const groups = new Map<string, Group>();
  const keyOf = (name: GroupName): string => `${name.stream.length}:${subscriptionIdOf(name)}`;
  const start = (row: GroupRow): void => {
    groups.set(keyOf(row), openGroup(log, writer, row));
  };
  const find = (name: GroupName): Group => {
    const group = groups.get(keyOf(name));
    if (group === undefined) throw groupDoesNotExist(name);
    return group;
  };
  const closeAll = (): void => {
    for (const group of groups.values()) group.close();
    groups.clear();
  };
  for (const row of loadGroups(log.tables)) start(row);

  return {
    find,
    list: () => [...groups.values()],
    create: (name, settings) => {
      if (groups.has(keyOf(name))) throw groupExists(name);
      const beginAt = beginningOf(log, name.stream, settings.startFrom);
      const row: GroupRow = { ...name, settings, beginAt, checkpoint: null };
      saveGroup(log.tables, row);
      start(row);
    },
    update: (name, change) => {
      const group = find(name);
      const settings = change(group.report().row.settings);
      const row = group.close();
      const isMoved = row.checkpoint === null && settings.startFrom !== row.settings.startFrom;
      const beginAt = isMoved ? beginningOf(log, name.stream, settings.startFrom) : row.beginAt;
      const next: GroupRow = { ...row, settings, beginAt };
      try {
        saveGroup(log.tables, next);
      } catch (error) {
        start(row);
        throw error;
      }
      start(next);
    },
    remove: async (name) => {
      const group = find(name);
      groups.delete(keyOf(name));
      group.close();
      // The parked go first: a crash in between leaves an empty group, not one that inherits messages.
      if (hasParked(log, name)) await writer.delete(parkedStreamOf(name), 'any');
      removeGroup(log.tables, name);
    },
    restart: () => {
      closeAll();
      for (const row of loadGroups(log.tables)) start(row);
    },
    close: closeAll,
  };
};
