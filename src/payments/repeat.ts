/**
 * Work that is to be done again and again in the background: on time, when woken, and never twice at once.
 */

export type Repeated = {
  /** Does the work now, or once more right after what is being done. */
  readonly wake: () => void;
  /** Resolves when what is being done is done; nothing begins after that. */
  readonly stop: () => Promise<void>;
};

export type RepeatOptions = {
  readonly work: () => Promise<unknown>;
  readonly everyMs: number;
  /** The work goes on at its next time. */
  readonly onError: (error: unknown) => void;
};

/** Begins at once, so that what was left over by a process before is done first. */
export const repeat = ({ work, everyMs, onError }: RepeatOptions): Repeated => {
  let stopped = false;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const round = async (): Promise<void> => {
    do {
      isWanted = false;
      try {
        await work();
      } catch (error) {
        onError(error);
      }
    } while (isWanted && !stopped);
    running = undefined;
    if (!stopped) timer = setTimeout(wake, everyMs);
  };
  const wake = (): void => {
    isWanted = true;
    if (stopped || running !== undefined) return;
    clearTimeout(timer);
    // Not at once: work that wakes itself must find it running.
    running = Promise.resolve().then(round);
  };

  wake();
  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
