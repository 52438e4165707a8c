/** Figures of several rounds become one: the median, which a busy moment of the machine does not move. */

/** The middle value, or the mean of the two in the middle. Throws RangeError when there is none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const above = sorted[Math.floor(sorted.length / 2)];
  const below = sorted[Math.ceil(sorted.length / 2) - 1];
  if (above === undefined || below === undefined) throw new RangeError('the median of nothing');
  return (above + below) / 2;
};

/** The median of what is there; undefined when a round has no such figure. */
export const medianOf = <T>(
  rounds: readonly T[],
  figure: (round: T) => number | undefined,
): number | undefined => {
  const values = rounds.map(figure).filter((value) => value !== undefined);
  return values.length === rounds.length && values.length > 0 ? median(values) : undefined;
};
