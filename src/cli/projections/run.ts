/** How every command of `seatlog projections` runs: its stores, Ctrl-C, and what it exits with. */
import type { Config } from '../../config.ts';
import { configOf, isUsageError, type StoreFlags } from '../running-stores.ts';
import { type ExitCode, exitCodes, RefusedError } from './exit.ts';
import type { OpenStores } from './open.ts';

/** Why the signal of a command fired. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export type Run = {
  readonly config: Config;
  readonly stores: OpenStores;
  /** Fires at the first Ctrl-C, and when nobody reads what is printed any more; the second ends the process at once. */
  readonly signal: AbortSignal;
};

/** Never rejects: what goes wrong is said in a sentence, and sets the exit code. */
export const run = async (flags: StoreFlags, work: (run: Run) => Promise<ExitCode>): Promise<void> => {
  const { signal, stop } = watchSignals();
  // Loaded on demand: the other commands of the program, each a process of its own, need none of this.
  const { openStores } = await import('./open.ts');
  let stores: OpenStores | undefined;
  try {
    const config = configOf(flags, process.env);
    stores = openStores(flags, config);
    process.exitCode = await work({ config, stores, signal });
  } catch (error) {
    process.exitCode = isInterruption(error, signal) ? exitCodes.interrupted : await tell(error);
  } finally {
    await stores?.close();
    stop();
  }
};

const isInterruption = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));

/** Prints one line. */
export const tell = async (error: unknown): Promise<ExitCode> => {
  const { text, exitCode } = await inWords(error);
  console.error(text);
  return exitCode;
};

/** One line, and what the command exits with where it ends by this. */
export const inWords = async (
  error: unknown,
): Promise<{ readonly text: string; readonly exitCode: ExitCode }> => {
  if (error instanceof RefusedError) {
    return { text: `${error.code}: ${error.message}`, exitCode: error.exitCode };
  }
  if (isUsageError(error)) return { text: error.message, exitCode: exitCodes.usage };
  const { sentenceOf } = await import('./failures.ts');
  const { text, isAnswer } = sentenceOf(error);
  return { text, exitCode: isAnswer ? exitCodes.bad : exitCodes.notRun };
};

const watchSignals = (): { readonly signal: AbortSignal; readonly stop: () => void } => {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new Interrupted('It was interrupted.'));
  };
  // A pipe whose reader has gone: nothing that follows would be seen.
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (!controller.signal.aborted) controller.abort(new Interrupted('Nobody reads the answer.'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  process.stdout.on('error', onOutputError);
  return {
    signal: controller.signal,
    stop: () => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    },
  };
};
