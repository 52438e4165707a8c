/**
 * How a process of ours ends: what was opened last is closed first, everything is closed even when one closing
 * fails, and a signal always ends the process, gracefully within a bound or at once.
 */

type Release = () => Promise<void> | void;

export type Releasers = {
  /** Registers how to close a resource; once closing has begun it is closed at once. */
  add(name: string, release: Release): Promise<void>;
  /** Closes everything, last in first out. Rejects with the first error, after all have run. */
  releaseAll(): Promise<void>;
  /** True from the moment closing has begun. */
  readonly closing: boolean;
  /** What is being closed at the moment, to name it when closing never ends. */
  readonly releasing: string | undefined;
};

/** A resource could not be closed; `cause` says why. */
class ReleaseError extends Error {
  constructor(name: string, cause: unknown) {
    super(`Closing ${name} failed.`, { cause });
    this.name = 'ReleaseError';
  }
}

export function createReleasers(): Releasers {
  const open: { name: string; release: Release }[] = [];
  let released: Promise<void> | undefined;
  let releasing: string | undefined;

  const releaseEach = async (): Promise<void> => {
    let firstError: ReleaseError | undefined;
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      releasing = entry.name;
      try {
        await entry.release();
      } catch (cause) {
        firstError ??= new ReleaseError(entry.name, cause);
      }
    }
    releasing = undefined;
    if (firstError !== undefined) throw firstError;
  };

  return {
    async add(name, release) {
      if (released === undefined) open.push({ name, release });
      else await release();
    },
    releaseAll() {
      released ??= releaseEach();
      return released;
    },
    get closing() {
      return released !== undefined;
    },
    get releasing() {
      return releasing;
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Shells report a process ended by signal n as 128 + n. */
const EXIT_CODE = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type Shutdown = {
  readonly releasers: Releasers;
  readonly graceMs: number;
  readonly log: (message: string, error?: unknown) => void;
};

export type Ending = {
  /** Ends the process gracefully; `exitCode` is what it exits with if closing succeeds. */
  end(exitCode: number): void;
};

/**
 * Ties the process to its signals: the first closes everything and exits 0, or 1 if closing fails or takes
 * longer than `graceMs`; the second exits at once with 128 + its number.
 */
export function endOnSignals(shutdown: Shutdown): Ending {
  const { releasers, graceMs, log } = shutdown;
  let ending = false;

  const end = (exitCode: number): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => {
      log(`Closing ${releasers.releasing} takes longer than the ${graceMs} ms there are: ending at once.`);
      process.exit(1);
    }, graceMs);
    releasers.releaseAll().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        log('Shutdown failed.', error);
        process.exit(1);
      },
    );
  };

  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (ending) process.exit(EXIT_CODE[signal]);
      log(`${signal} received: shutting down.`);
      end(0);
    });
  }
  return { end };
}
