/** The shape that every benchmark has, so that `bench/run.ts` can list them and start any of them. */

export type Benchmark = {
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly summary: string;
  /** Options, one line each, for `--help`. */
  readonly usage: readonly string[];
  /**
   * Runs to its end and prints its figures. `args` are the options behind the benchmark's name; a wrong one
   * throws the TypeError of `parseArgs` or a UsageError. Everything it started is gone when it settles, and
   * when `signal` aborts it ends soon.
   */
  readonly run: (args: readonly string[], signal: AbortSignal) => Promise<void>;
};

/** An option that cannot be meant. The message is a sentence for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
