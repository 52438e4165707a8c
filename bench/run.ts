/**
 * `npm run bench -- NAME [options]`: finds the benchmark by its name and runs it, or says which there are.
 */
import { type Benchmark, UsageError } from './benchmark.ts';
import { eventstore } from './eventstore.ts';
import { http } from './http.ts';
import { orders } from './orders.ts';
import { projections } from './projections.ts';
import { rebuild } from './rebuild.ts';
import { sale } from './sale.ts';
import { seatChoice } from './seat-choice.ts';

const BENCHMARKS: readonly Benchmark[] = [eventstore, seatChoice, orders, projections, rebuild, http, sale];
const USAGE_EXIT_CODE = 2;
const FAILURE_EXIT_CODE = 1;

const help = (): string =>
  [
    'Usage: npm run bench -- <name> [options]',
    '',
    ...BENCHMARKS.flatMap(({ name, summary, usage }) => [
      `  ${name}: ${summary}`,
      ...usage.map((line) => `      ${line}`),
    ]),
    '',
  ].join('\n');

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === '--help' || name === '-h' || args.includes('--help')) {
    process.stdout.write(help());
    return 0;
  }
  const benchmark = BENCHMARKS.find((candidate) => candidate.name === name);
  if (benchmark === undefined) {
    const complaint = name === undefined ? 'Name a benchmark.' : `There is no benchmark '${name}'.`;
    process.stderr.write(`${complaint}\n\n${help()}`);
    return USAGE_EXIT_CODE;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));
  }
  try {
    await benchmark.run(args, interrupted.signal);
    return 0;
  } catch (error) {
    const message = isUsageError(error)
      ? error.message
      : error instanceof Error
        ? error.stack
        : String(error);
    process.stderr.write(`${message}\n`);
    return isUsageError(error) ? USAGE_EXIT_CODE : FAILURE_EXIT_CODE;
  }
};

// The client keeps timers of its own alive for a while, so the end is said, not waited for.
process.exit(await main(process.argv.slice(2)));
