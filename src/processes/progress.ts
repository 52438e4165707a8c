/**
 * How far a process has come, though its events are done in any order: behind the last batch before which nothing
 * is left. Written down behind batches, never ahead of them, so that a restart repeats some events and omits none.
 */
import type { Sleep } from '../commands/ports.ts';

/** Losing it costs reacting again to what was reacted to before, and nothing else. */
export type ProcessCheckpoint = {
  /** A position in the log; undefined before the first. */
  readonly load: () => Promise<bigint | undefined>;
  readonly save: (position: bigint) => Promise<void>;
};

export type OpenBatch = { readonly position: bigint; open: number };

export type Progress = {
  /** Batches begin in the order of the log. */
  readonly begin: (position: bigint, events: number) => OpenBatch;
  readonly finish: (batch: OpenBatch) => void;
  /** Everything up to here is done; undefined before the first batch is. */
  readonly position: () => bigint | undefined;
  readonly openEvents: () => number;
  /** Resolves when fewer than so many events are open, or the signal fires. */
  readonly room: (maxOpenEvents: number) => Promise<void>;
  /** Resolves when what is done is written down, or one last try of that has failed. */
  readonly close: () => Promise<void>;
};

const SAVE_RETRY_MS = 1_000;

export const createProgress = (
  checkpoint: Pick<ProcessCheckpoint, 'save'>,
  sleep: Sleep,
  stopping: AbortSignal,
  from: bigint | undefined,
): Progress => {
  const batches: OpenBatch[] = [];
  let position = from;
  let saved = from;
  let openEvents = 0;
  let saving: Promise<void> | undefined;
  let waiting: { readonly maxOpenEvents: number; readonly enter: () => void }[] = [];

  /** One at a time; what is done meanwhile goes with the next. */
  const saveAll = async (): Promise<void> => {
    while (position !== undefined && position !== saved) {
      const next = position;
      try {
        await checkpoint.save(next);
        saved = next;
      } catch {
        if (stopping.aborted) return;
        await sleep(SAVE_RETRY_MS, stopping);
      }
    }
  };

  const save = (): void => {
    saving ??= saveAll().finally(() => {
      saving = undefined;
    });
  };

  const letIn = (): void => {
    const isIn = ({ maxOpenEvents }: { maxOpenEvents: number }) =>
      stopping.aborted || openEvents < maxOpenEvents;
    const entering = waiting.filter(isIn);
    waiting = waiting.filter((one) => !isIn(one));
    for (const { enter } of entering) enter();
  };
  stopping.addEventListener('abort', letIn);

  const settle = (): void => {
    const before = position;
    while (batches[0]?.open === 0) position = batches.shift()?.position;
    if (position !== before) save();
    letIn();
  };

  return {
    begin: (at, events) => {
      const batch = { position: at, open: events };
      batches.push(batch);
      openEvents += events;
      settle();
      return batch;
    },
    finish: (batch) => {
      batch.open--;
      openEvents--;
      settle();
    },
    position: () => position,
    openEvents: () => openEvents,
    room: (maxOpenEvents) =>
      new Promise((enter) => {
        waiting.push({ maxOpenEvents, enter });
        letIn();
      }),
    close: async () => {
      await saving;
      if (position !== saved) await saveAll();
    },
  };
};
