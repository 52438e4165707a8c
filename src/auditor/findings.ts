/** What an audit finds: each invariant by its name, kept or broken, with the first of the events that break it. */
import type { EventRef } from './event-ref.ts';
import { createTallies } from './tallies.ts';
import { type Invariant, invariantNames, type ViolationCode, violations } from './violations.ts';

export type Violation = {
  readonly code: ViolationCode;
  readonly text: string;
  /** That it takes to see it, in log order; the last one is what made it so. */
  readonly events: readonly EventRef[];
};

export type Finding = {
  readonly invariant: Invariant;
  readonly kept: boolean;
  readonly count: number;
  /** At most ten of them. */
  readonly violations: readonly Violation[];
};

export type Findings = {
  readonly broken: (code: ViolationCode, text: string, ...events: readonly (EventRef | undefined)[]) => void;
  /** In the order of the invariants. */
  readonly all: () => readonly Finding[];
};

export function createFindings(): Findings {
  const tallies = createTallies<Invariant, Violation>();
  return {
    broken: (code, text, ...events) => {
      const known = events.filter((event) => event !== undefined);
      tallies.add(violations[code], { code, text, events: [...new Set(known)].sort(inLogOrder) });
    },
    all: () =>
      invariantNames.map((invariant) => {
        const { count, first } = tallies.of(invariant);
        return { invariant, kept: count === 0, count, violations: [...first] };
      }),
  };
}

const inLogOrder = (one: EventRef, other: EventRef): number => (one.position < other.position ? -1 : 1);
