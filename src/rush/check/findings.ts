/**
 * What a check found: each promise by its name, kept or broken, with the first of the numbers that break it. What the
 * log alone can break is the auditor's to find.
 */
import { type AuditedLog, createTallies, invariants, type Violation } from '../../auditor/index.ts';

/** In the order they are shown. */
export const promises = {
  ...invariants,
  acknowledged: 'every acknowledged order is in the log as its buyer’s, and the log is whole and decided',
  read_models: 'orders and stock in SQL and the counters in Redis say what the log says',
} as const;
export type PromiseName = keyof typeof promises;

export type Finding = {
  readonly name: PromiseName;
  readonly ok: boolean;
  readonly broken: number;
  /** At most ten of them. */
  readonly examples: readonly string[];
};

export type Findings = {
  readonly broken: (name: PromiseName, example: string) => void;
  /** With what the auditor has found. */
  readonly all: () => readonly Finding[];
};

export function createFindings({ programs, findings }: Pick<AuditedLog, 'programs' | 'findings'>): Findings {
  const tallies = createTallies<PromiseName, string>();
  const audited = [...programs.flatMap((program) => program.findings), ...findings];
  return {
    broken: tallies.add,
    all: () =>
      (Object.keys(promises) as PromiseName[]).map((name) => {
        const inLog = audited.filter(({ invariant }) => invariant === name);
        const own = tallies.of(name);
        const broken = inLog.reduce((sum, { count }) => sum + count, own.count);
        const examples = [...inLog.flatMap(({ violations }) => violations.map(textOf)), ...own.first];
        return { name, ok: broken === 0, broken, examples: examples.slice(0, MAX_EXAMPLES) };
      }),
  };
}

const MAX_EXAMPLES = 10;

function textOf({ text, events }: Violation): string {
  const by = events.at(-1);
  return by === undefined ? text : `${text} (${by.type} at revision ${by.revision})`;
}
