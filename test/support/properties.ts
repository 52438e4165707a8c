/**
 * How the property tests run: with a seed that is printed, so that a failure anywhere can be seen again with
 * SEATLOG_TEST_SEED.
 */
import fc from 'fast-check';
import { printedRandom } from './random.ts';

const DEFAULT_RUNS = 200;

const { seed } = printedRandom();

/** Checks a property on so many random cases. Throws with the smallest counterexample that was found. */
export function holds<Case extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Case>,
  numRuns = DEFAULT_RUNS,
): void {
  fc.assert(property, { seed, numRuns });
}
