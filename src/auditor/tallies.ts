/** Counts by name, with the first few examples of each: a sale gone wrong in 100,000 places is still a page to read. */
export const MAX_EXAMPLES = 10;

export type Tally<Example> = {
  readonly count: number;
  /** At most ten of them. */
  readonly first: readonly Example[];
};

export type Tallies<Name, Example> = {
  readonly add: (name: Name, example: Example) => void;
  readonly of: (name: Name) => Tally<Example>;
};

export function createTallies<Name, Example>(): Tallies<Name, Example> {
  const tallies = new Map<Name, { count: number; first: Example[] }>();
  return {
    add: (name, example) => {
      const tally = tallies.get(name) ?? { count: 0, first: [] };
      tallies.set(name, tally);
      tally.count += 1;
      if (tally.first.length < MAX_EXAMPLES) tally.first.push(example);
    },
    of: (name) => tallies.get(name) ?? { count: 0, first: [] },
  };
}
