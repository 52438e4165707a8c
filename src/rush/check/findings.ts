/**
 * What a check found: each promise by its name, kept or broken, with the first of the numbers that break
 * it.
 */

/** In the order they are shown. */
export const promises = {
  seats: 'no seat has two owners, and no category gives away more than it has, at any event',
  ended: 'every hold has ended: no order or hold is alive past its deadline',
  acknowledged: 'every acknowledged order is in the log as its buyer’s, and every queued one was decided',
  money: 'captured = issued + refunded + awaiting, per payment, and no ticket without captured money',
  limits: 'no order, buyer or id document has more tickets than the program allows, at any event',
  requests: 'no request has two orders, and no queued order two decisions',
  read_models: 'orders and stock in SQL and the counters in Redis say what the log says',
} as const;
export type PromiseName = keyof typeof promises;

/** So that a sale gone wrong in a hundred thousand places is still a page to read. */
const MAX_EXAMPLES = 10;

export type Finding = {
  readonly name: PromiseName;
  readonly ok: boolean;
  readonly broken: number;
  /** At most ten of them. */
  readonly examples: readonly string[];
};

export type Findings = {
  readonly broken: (name: PromiseName, example: string) => void;
  readonly all: () => readonly Finding[];
};

export function createFindings(): Findings {
  const found = new Map<PromiseName, { broken: number; examples: string[] }>();
  const of = (name: PromiseName) => {
    const entry = found.get(name) ?? { broken: 0, examples: [] };
    found.set(name, entry);
    return entry;
  };
  return {
    broken: (name, example) => {
      const entry = of(name);
      entry.broken += 1;
      if (entry.examples.length < MAX_EXAMPLES) entry.examples.push(example);
    },
    all: () =>
      (Object.keys(promises) as PromiseName[]).map((name) => {
        const { broken, examples } = of(name);
        return { name, ok: broken === 0, broken, examples: [...examples] };
      }),
  };
}
