/**
 * Asks Redis again until it answers, however long that takes: what was read from the log must get there, and every
 * call repeated here changes nothing the second time.
 */
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1_000;
/** An answer that is an error, or none that was expected, is asked for this often. */
const MAX_WRONG_ANSWERS = 5;
const WRONG_ANSWERS: ReadonlySet<string> = new Set(['ReplyError', 'ZodError']);

/** Resolves after the delay in ms, or when the signal fires. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

/** Whoever asked has been told to stop. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Redis is there and does not do what it was asked, however often. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError';
}

/** Rejects with StoppedError, with GivenUpError unless `forever`, and with nothing else. */
export type Persevere = <Result>(
  work: () => Promise<Result>,
  options?: { readonly forever?: boolean },
) => Promise<Result>;

export const createPersevering = (deps: {
  readonly sleep: Sleep;
  readonly stopping: AbortSignal;
  readonly onTrouble: (error: Error) => void;
}): Persevere => {
  const { sleep, stopping, onTrouble } = deps;
  return async (work, { forever = false } = {}) => {
    let wrongAnswers = 0;
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
      if (stopping.aborted) throw new StoppedError('The gate’s projector is being stopped.');
      try {
        return await work();
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        onTrouble(error);
        if (WRONG_ANSWERS.has(error.name)) wrongAnswers += 1;
        if (wrongAnswers >= MAX_WRONG_ANSWERS && !forever) {
          throw new GivenUpError(`Redis answers, and wrongly: ${error.message}`, { cause });
        }
      }
      await sleep(delayMs, stopping);
    }
  };
};
