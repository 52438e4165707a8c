/** One piece of work as one process sees it: waited for, done here, being stopped, or stopped and to be given back. */

export type Work = {
  /** What is begun here is stopped when the lease is given up, or was lost; then `lost` fires first. */
  readonly start: (lost: AbortSignal) => Promise<{ readonly stop: () => Promise<void> }>;
};

export type WorkLeaseState = {
  readonly name: string;
  /** `waiting` while another one holds it; `ending` while its work is being stopped, `ended` until it is handed back. */
  readonly status: LeasedWorkStatus;
  /** As of the last look; undefined while nobody does. */
  readonly holder: string | undefined;
  /** How often this process has lost it without giving it up. */
  readonly losses: number;
  /** Why the work did not start or stop, or the leases could not be asked for; until that works again. */
  readonly lastError: string | undefined;
};

export type LeasedWorkStatus = 'waiting' | 'held' | 'ending' | 'ended';

export type LeasedWork = {
  readonly name: string;
  readonly status: () => LeasedWorkStatus;
  /** False for a while after its work did not start here: somebody else may have more luck. */
  readonly isWanted: () => boolean;
  readonly begin: () => void;
  readonly lose: () => void;
  /** Resolves when the work is stopped. */
  readonly release: () => Promise<void>;
  /** The lease is another's to take. */
  readonly gaveBack: () => void;
  readonly losses: () => number;
  readonly lastError: () => string | undefined;
};

/** `onEnded` is called when the work has stopped and the lease may go back. */
export const createLeasedWork = (
  name: string,
  work: Work,
  retryMs: number,
  onEnded: () => void,
): LeasedWork => {
  let status: LeasedWorkStatus = 'waiting';
  let lost = new AbortController();
  let started: ReturnType<Work['start']> | undefined;
  let ending: Promise<void> = Promise.resolve();
  let losses = 0;
  let notBeforeMs = 0;
  let lastError: string | undefined;

  const fail = (error: unknown): void => {
    lastError = messageOf(error);
    notBeforeMs = performance.now() + retryMs;
  };

  const end = async (): Promise<void> => {
    try {
      await (await started)?.stop();
    } catch (error) {
      fail(error);
    }
    status = 'ended';
    onEnded();
  };

  const release = (): Promise<void> => {
    if (status === 'held') {
      status = 'ending';
      ending = end();
    }
    return ending;
  };

  return {
    name,
    status: () => status,
    isWanted: () => performance.now() >= notBeforeMs,
    begin: () => {
      status = 'held';
      lost = new AbortController();
      const { signal } = lost;
      started = Promise.resolve().then(() => work.start(signal));
      started.then(
        () => {
          lastError = undefined;
        },
        () => release(),
      );
    },
    lose: () => {
      if (status !== 'held') return;
      losses++;
      lost.abort(new Error(`The lease of ${name} was lost.`));
      void release();
    },
    release,
    gaveBack: () => {
      if (status === 'ended') status = 'waiting';
    },
    losses: () => losses,
    lastError: () => lastError,
  };
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
