/** Differences between what is live and what follows from the log, as people read them and as JSON. */
import type { Difference, Differences } from '../../rebuild/rebuildable.ts';

export const renderDifferences = (name: string, { count, first }: Differences): readonly string[] => {
  if (count === 0) return [`${name}: no difference between what is live and what follows from the log.`];
  const shown = first.flatMap(({ place, key, live, expected, positions }) => [
    `  ${place} ${key}`,
    `    live      ${json(live)}`,
    `    expected  ${json(expected)}`,
    `    made by   ${positions.length === 0 ? 'no event' : positions.join(', ')}`,
  ]);
  const rest = count - first.length;
  return [
    `${name}: ${count === 1 ? '1 difference' : `${count} differences`} between what is live and what follows from the log.`,
    ...shown,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
};

/** Positions become text: a JSON number would lose their last digits. */
export const differencesAsJson = ({ count, first }: Differences) => ({
  count,
  first: first.map((difference: Difference) => ({
    ...difference,
    positions: difference.positions.map(String),
  })),
});

/** Numbers of eight bytes come as bigints from some stores. */
const json = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
