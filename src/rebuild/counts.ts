/** How many events of each type were seen, and what became of them. */
import type { TallyState } from './tally-state.ts';

export type Counts = {
  readonly seen: (type: string, count: number) => void;
  readonly applied: (type: string, count: number) => void;
  readonly skipped: (type: string) => void;
  /** Events seen, of any type. */
  readonly total: () => number;
  /** Throws while an event of a handled type is neither applied nor skipped, or was both. */
  readonly settled: () => Pick<TallyState, 'applied' | 'ignored'>;
};

type Count = { readonly isHandled: boolean; seen: number; applied: number; skipped: number };

export const createCounts = (handles: readonly string[], kept: TallyState | undefined): Counts => {
  const handled = new Set(handles);
  const counts = new Map<string, Count>();
  const countOf = (type: string): Count => {
    const known = counts.get(type);
    if (known !== undefined) return known;
    const count = { isHandled: handled.has(type), seen: 0, applied: 0, skipped: 0 };
    counts.set(type, count);
    return count;
  };
  const restore = (type: string, seen: number, what: 'applied' | 'skipped' | 'ignored'): void => {
    const count = countOf(type);
    count.seen += seen;
    if (what !== 'ignored') count[what] += seen;
  };
  for (const [type, count] of Object.entries(kept?.applied ?? {})) restore(type, count, 'applied');
  for (const [type, count] of Object.entries(kept?.ignored ?? {})) restore(type, count, 'ignored');
  for (const { type } of kept?.skips ?? []) restore(type, 1, 'skipped');

  return {
    seen: (type, count) => {
      countOf(type).seen += count;
    },
    applied: (type, count) => {
      countOf(type).applied += count;
    },
    skipped: (type) => {
      countOf(type).skipped += 1;
    },
    total: () => [...counts.values()].reduce((sum, { seen }) => sum + seen, 0),
    settled: () => {
      const applied: Record<string, number> = {};
      const ignored: Record<string, number> = {};
      for (const [type, count] of counts) {
        if (
          count.isHandled ? count.seen !== count.applied + count.skipped : count.applied + count.skipped > 0
        ) {
          throw new Error(
            `Of ${count.seen} ${type}, ${count.applied} were applied, ${count.skipped} skipped.`,
          );
        }
        if (!count.isHandled) ignored[type] = count.seen;
        else if (count.applied > 0) applied[type] = count.applied;
      }
      return { applied, ignored };
    },
  };
};
