/** When and where a group's checkpoint is made durable. */
import type { Log } from '../store/log.ts';
import { StoreWriteError } from '../store/writer.ts';
import { checkpointOf, type GroupState } from './state.ts';
import { type GroupRow, saveGroup } from './store.ts';

/** How long a store that cannot write is left alone before the next try. */
const RETRY_AFTER_MS = 1_000;

export type Checkpointing = {
  /** The row as it is stored. */
  readonly row: () => GroupRow;
  /** Stores the checkpoint if it has moved and is due. */
  readonly saveIfDue: (nowMs: number) => void;
  /** Stores it if it has moved at all, and returns the row to go on from, stored or not. Never throws. */
  readonly saveLast: () => GroupRow;
  /** When `saveIfDue` has something to do without further events; Infinity while it has not. */
  readonly nextDueAtMs: () => number;
};

export const startCheckpointing = (
  log: Log,
  state: GroupState,
  stored: GroupRow,
  nowMs: number,
): Checkpointing => {
  const { checkpointAfterMs, minCheckpointCount, maxCheckpointCount } = stored.settings;
  let row = stored;
  let timeDueAtMs = nowMs + checkpointAfterMs;
  let blockedUntilMs = 0;

  const save = (): void => {
    const checkpoint = checkpointOf(state);
    if (checkpoint === row.checkpoint) return;
    const next = { ...row, checkpoint };
    saveGroup(log.tables, next);
    row = next;
    state.sinceCheckpoint = 0;
  };

  const isWorthATimer = (): boolean =>
    state.sinceCheckpoint >= Math.max(1, minCheckpointCount) && checkpointOf(state) !== row.checkpoint;

  return {
    row: () => row,
    saveLast: () => {
      try {
        save();
        return row;
      } catch {
        // Whoever goes on from here knows better than the store; a restart delivers again.
        return { ...row, checkpoint: checkpointOf(state) };
      }
    },
    saveIfDue: (now) => {
      const full = state.sinceCheckpoint >= Math.max(1, maxCheckpointCount);
      if (now < blockedUntilMs || !(full || (isWorthATimer() && now >= timeDueAtMs))) return;
      try {
        save();
        timeDueAtMs = now + checkpointAfterMs;
      } catch (error) {
        // A checkpoint that is late costs a repeated delivery; the group goes on.
        if (!(error instanceof StoreWriteError)) throw error;
        blockedUntilMs = now + RETRY_AFTER_MS;
      }
    },
    nextDueAtMs: () => (isWorthATimer() ? Math.max(timeDueAtMs, blockedUntilMs) : Number.POSITIVE_INFINITY),
  };
};
